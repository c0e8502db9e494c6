package io.github.probeselect.apps;

import io.github.probeselect.Candidate;
import io.github.probeselect.GenerationResult;
import io.github.probeselect.Pipeline;
import io.github.probeselect.apps.ModelOptions.EarlySignals;
import io.github.probeselect.model.Signal;
import io.github.probeselect.selection.DecisionPoint;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * Starts sixteen seeds, stops twelve at 20% of the trajectory, finishes four; prints a table of the
 * candidates and writes the kept images, a contact sheet and {@code result.json}.
 */
@Command(
    name = "Quickstart",
    description =
        "Starts sixteen seeds, stops twelve at 20%% of the trajectory and finishes four; prints a table and writes the images, a contact sheet and result.json.",
    mixinStandardHelpOptions = true,
    showDefaultValues = true)
public final class Quickstart implements Callable<Integer> {

  /** The prompt of the picture in the README. */
  static final String PROMPT = "a yellow star above a blue circle on a dotted pink background";

  @Mixin private ModelOptions model = new ModelOptions();

  @Option(names = "--prompt", description = "What the image shows.")
  private String prompt = PROMPT;

  @Option(names = "-n", description = "How many candidates are started.")
  private int n = 16;

  @Option(names = "-k", description = "How many candidates are finished.")
  private int k = 4;

  @Option(names = "--first-seed", description = "The seed of the first candidate.")
  private long firstSeed;

  @Option(names = "--fraction", description = "When the candidates are scored.")
  private double fraction = 0.2;

  @Option(names = "--output", description = "Where the files go.")
  private Path output = Path.of("probeselect-examples", "target", "quickstart");

  /** Runs the app. */
  public static void main(String[] args) {
    System.exit(new CommandLine(new Quickstart()).execute(args));
  }

  @Override
  public Integer call() throws IOException {
    try (Pipeline pipeline = model.open();
        EarlySignals signals = model.signals(pipeline)) {
      GenerationResult result = generate(pipeline, signals.toArray());
      print(result);
      result.writeTo(output);
      ContactSheet.write(result, output.resolve("contact-sheet.png"));
      System.out.println("written to " + output.toAbsolutePath());
      return 0;
    }
  }

  private GenerationResult generate(Pipeline pipeline, Signal... signals) {
    return pipeline
        .request(prompt)
        .candidates(n, firstSeed)
        .keep(k)
        .signals(signals)
        .decideAt(DecisionPoint.fraction(fraction))
        .previews(true)
        .listener(new PrintedProgress())
        .generate();
  }

  private static void print(GenerationResult result) {
    System.out.printf(Locale.ROOT, "%n%s%n%n", result.settings().prompt());
    System.out.printf(Locale.ROOT, "%4s  %20s  %8s  %s%n", "rank", "seed", "score", "outcome");
    result.candidates().stream()
        .sorted((a, b) -> Integer.compare(a.rank(), b.rank()))
        .forEach(Quickstart::print);
    System.out.printf(
        Locale.ROOT,
        "%n%d of %d denoiser evaluations (%.0f%%) in %.2f s%n",
        result.evaluations().spent(),
        result.evaluations().withoutSelection(),
        100 * result.evaluations().share(),
        result.timings().total().toNanos() * 1e-9);
    result.warnings().forEach(warning -> System.out.println("note: " + warning));
  }

  private static void print(Candidate candidate) {
    System.out.printf(
        Locale.ROOT,
        "%4d  %20d  %8s  %s%n",
        candidate.rank(),
        candidate.seed(),
        candidate.score().isPresent()
            ? String.format(Locale.ROOT, "%.3f", candidate.score().getAsDouble())
            : "-",
        candidate.outcome());
  }
}
