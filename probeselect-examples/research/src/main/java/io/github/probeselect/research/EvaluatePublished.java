package io.github.probeselect.research;

import io.github.probeselect.Pipeline;
import io.github.probeselect.evaluation.RecordedSignal;
import io.github.probeselect.tools.Evaluate;
import io.github.probeselect.tools.PlainErrors;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The evaluation with one signal more: a probe trained by the recipe as published. */
@Command(
    name = "EvaluatePublished",
    description =
        "Evaluates as Evaluate does, with a probe of the published recipe beside the others.",
    mixinStandardHelpOptions = true,
    showDefaultValues = true)
public final class EvaluatePublished extends Evaluate {

  @Option(
      names = "--published",
      required = true,
      description = "Features of the published recipe: datasets training, validation and test.")
  private Path published = Path.of("");

  /** Creates the study. */
  public EvaluatePublished() {}

  /** Runs the study. */
  public static void main(String[] args) {
    System.exit(PlainErrors.in(new CommandLine(new EvaluatePublished())).execute(args));
  }

  @Override
  protected List<RecordedSignal> furtherSignals(Pipeline pipeline, String metric)
      throws IOException {
    return List.of(PublishedRecipe.train(pipeline.manifest(), published, metric));
  }

  @Override
  protected List<String> furtherNotes() throws IOException {
    return List.of(PublishedRecipe.cost(published));
  }
}
