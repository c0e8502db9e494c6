package io.github.probeselect.tools;

import io.github.probeselect.Pipeline;
import io.github.probeselect.dataset.CollectionSettings;
import io.github.probeselect.dataset.Collector.Part;
import io.github.probeselect.dataset.Dataset;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * Runs every seed of many prompts to the end and records what was to be seen of it on the way, and
 * what each metric says of its image: what probes are trained on and scored with. Started again
 * after a stop, it goes on where it was.
 */
@Command(
    name = "collect",
    description =
        "Records what is to be seen of every seed of many prompts on the way, and the scores of the finished images: what probes are trained on.",
    footer = {
      "",
      "Reads: the model, the --metric directories, and one prompt a line from --prompts.",
      "Writes: a dataset of shards into --output (docs/dataset-format.md). Started again after a stop, it goes on where it was; with --part and --of several machines share the work."
    },
    mixinStandardHelpOptions = true,
    showDefaultValues = true)
public final class Collect implements Callable<Integer> {

  @Mixin private ModelOption model = new ModelOption();

  @Option(
      names = "--prompts",
      description =
          "A file with one prompt per line; the training prompts of the default model if absent.")
  private @Nullable Path prompts;

  @Option(
      names = "--count",
      converter = AtLeastOne.class,
      description = "How many of them are used.")
  private int count = 4000;

  @Option(names = "--seeds", converter = AtLeastOne.class, description = "Candidates per prompt.")
  private int seeds = 4;

  @Option(names = "--first-seed", description = "The seed of the first candidate.")
  private long firstSeed;

  @Option(names = "--fractions", split = ",", description = "Where the candidates are observed.")
  private List<Double> fractions = List.of(0.1, 0.2, 0.3, 0.4);

  @Option(names = "--previews", description = "Let the metrics score decoded previews too.")
  private boolean previews;

  @Mixin private MetricOption metric = new MetricOption();

  @Option(names = "--part", description = "Which share of the shards this machine collects.")
  private int part;

  @Option(names = "--of", converter = AtLeastOne.class, description = "How many machines collect.")
  private int of = 1;

  @Option(
      names = "--output",
      defaultValue = "${sys:probeselect.work:-probeselect}/dataset",
      description = "Where the dataset lies.")
  private Path output = Path.of("");

  /** Creates the command. */
  public Collect() {}

  @Override
  public Integer call() throws IOException {
    List<String> chosen = PromptChoice.TRAIN.read(prompts, count);
    CollectionSettings settings =
        CollectionSettings.of(fractions, seeds).withFirstSeed(firstSeed).withPreviews(previews);
    try (Pipeline pipeline = model.open();
        ChosenMetrics metrics = metric.open(pipeline)) {
      Dataset dataset =
          Recordings.collect(
              pipeline, chosen, settings, metrics.all(chosen), new Part(part, of), output);
      System.out.println(dataset.prompts().size() + " prompts are there");
    }
    return 0;
  }
}
