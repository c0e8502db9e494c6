package io.github.probeselect.tools;

import io.github.probeselect.GenerationRequest;
import io.github.probeselect.Pipeline;
import io.github.probeselect.error.InvalidRequestException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * Measures whether a long-running program keeps its size: resident memory after twenty generations
 * and after many; or, with {@code --peak}, the most memory that a process holds which makes one
 * generation, to be compared between processes of different n. To be run with a heap of fixed size
 * that is touched from end to end when the program starts ({@code -Xms128m -Xmx128m
 * -XX:+AlwaysPreTouch}); otherwise the figure is that of the JVM, which spreads bit by bit into the
 * heap that it has reserved. Linux only.
 */
@Command(
    name = "measure-memory",
    description =
        "Measures the resident memory after twenty generations and after many (Linux only).",
    footer = {
      "",
      "Reads: the model, and the --metric directory if the bundle has no probe.",
      "Writes: nothing; it prints megabytes. Run java with -Xms128m -Xmx128m -XX:+AlwaysPreTouch, so that the heap keeps its size. Linux only."
    },
    mixinStandardHelpOptions = true,
    showDefaultValues = true)
public final class MeasureMemory implements Callable<Integer> {

  private static final Path STATUS = Path.of("/proc/self/status");
  private static final int FIRST = 20;

  @Mixin private ModelOption model = new ModelOption();

  @Mixin private MetricOption metric = new MetricOption();

  @Mixin private SelectionOption selection = new SelectionOption();

  @Option(
      names = "--generations",
      converter = AtLeastOne.class,
      description = "How many generations; a multiple of 20.")
  private int generations = 200;

  @Option(names = "--peak", description = "One generation, and the most memory that it took.")
  private boolean peak;

  /** Creates the command. */
  public MeasureMemory() {}

  @Override
  public Integer call() throws IOException {
    if (!Files.exists(STATUS)) {
      throw new InvalidRequestException(
          "resident memory is read from " + STATUS + ", which only Linux has");
    }
    if (generations % FIRST != 0) {
      throw new InvalidRequestException(
          "--generations " + generations + " is no multiple of " + FIRST);
    }
    try (Pipeline pipeline = model.open();
        ChosenMetrics metrics = metric.open(pipeline)) {
      GenerationRequest request = pipeline.request(MeasureCost.PROMPT).signals(metrics.signals());
      if (peak) {
        selection.of(request, 0).generate();
        double megabytes = megabytes("VmHWM:");
        System.out.printf(
            Locale.ROOT, "n = %d   peak resident memory %.0f MB%n", selection.n(), megabytes);
        return 0;
      }
      double first = 0;
      double last = 0;
      for (int generation = 1; generation <= generations; generation++) {
        selection.of(request, (long) selection.n() * generation).generate();
        if (generation % FIRST == 0) {
          last = megabytes("VmRSS:");
          first = generation == FIRST ? last : first;
          System.out.printf(Locale.ROOT, "%4d generations   resident %.0f MB%n", generation, last);
        }
      }
      System.out.printf(
          Locale.ROOT,
          "resident memory after %d generations : after %d   %.3f%n",
          generations,
          FIRST,
          last / first);
      return 0;
    }
  }

  private static double megabytes(String name) throws IOException {
    String line =
        Files.readAllLines(STATUS).stream()
            .filter(entry -> entry.startsWith(name))
            .findFirst()
            .orElseThrow();
    return Long.parseLong(line.replaceAll("\\D", "")) / 1024.0;
  }
}
