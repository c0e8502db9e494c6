package io.github.probeselect.tools;

import io.github.probeselect.GenerationRequest;
import io.github.probeselect.Pipeline;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * Measures how much slower a generation is beside busy processes, with the spin of PyTorch's idle
 * threads as the library bounds it and as the OpenMP runtime has it by itself. Each setting has a
 * process of its own that waits while the other one runs; quiet and busy runs of both take turns,
 * and the ratios are formed round by round. Linux only.
 */
@Command(
    name = "measure-load",
    description = "Measures how much slower a generation is beside busy processes.",
    mixinStandardHelpOptions = true,
    showDefaultValues = true)
public final class MeasureLoad implements Callable<Integer> {

  /** What GNU's OpenMP runtime does by itself where there are no more threads than processors. */
  private static final String RUNTIME_DEFAULT = "300000";

  private static final String SPIN_COUNT = "GOMP_SPINCOUNT";

  @Mixin private ModelOption model = new ModelOption();

  @Option(names = "-n", description = "How many candidates are started.")
  private int n = 16;

  @Option(names = "-k", description = "How many candidates are finished.")
  private int k = 4;

  @Option(
      names = "--busy",
      description = "How many busy processes run beside it; one per processor if 0.")
  private int busy;

  @Option(names = "--rounds", description = "How many rounds are measured, after one that is not.")
  private int rounds = 9;

  @Option(names = "--generate-on-request", hidden = true)
  private boolean generating;

  @Option(names = "--spin", hidden = true)
  private boolean spinning;

  /** Creates the command. */
  public MeasureLoad() {}

  /** Runs the command; so it starts itself again. */
  public static void main(String[] args) {
    ProbeSelectTools.prepareJvm();
    System.exit(PlainErrors.in(new CommandLine(new MeasureLoad())).execute(args));
  }

  @Override
  public Integer call() throws IOException {
    if (spinning) {
      spin();
    }
    if (generating) {
      generateOnRequest();
      return 0;
    }
    try (Generator bounded = new Generator(start(generator(), null));
        Generator unbounded = new Generator(start(generator(), RUNTIME_DEFAULT))) {
      measure(bounded, unbounded);
    }
    return 0;
  }

  private void measure(Generator bounded, Generator unbounded) throws IOException {
    int processes = busy > 0 ? busy : Runtime.getRuntime().availableProcessors();
    double[] boundedSlowdown = new double[rounds];
    double[] unboundedSlowdown = new double[rounds];
    double[] quietCost = new double[rounds];
    for (int round = -1; round < rounds; round++) {
      double quietBounded = bounded.seconds();
      double quietUnbounded = unbounded.seconds();
      double busyBounded;
      double busyUnbounded;
      List<Process> others = new ArrayList<>();
      try {
        for (int i = 0; i < processes; i++) {
          others.add(start(List.of("--spin"), null));
        }
        others.forEach(MeasureLoad::awaitLine);
        busyBounded = bounded.seconds();
        busyUnbounded = unbounded.seconds();
      } finally {
        others.forEach(MeasureLoad::end);
      }
      if (round >= 0) {
        System.out.printf(
            Locale.ROOT,
            "seconds, quiet and beside %d busy processes: bounded %.2f %.2f, unbounded %.2f %.2f%n",
            processes,
            quietBounded,
            busyBounded,
            quietUnbounded,
            busyUnbounded);
        boundedSlowdown[round] = busyBounded / quietBounded;
        unboundedSlowdown[round] = busyUnbounded / quietUnbounded;
        quietCost[round] = quietBounded / quietUnbounded;
      }
    }
    Ratios.print("bounded spin,   busy : quiet", boundedSlowdown, "rounds");
    Ratios.print("unbounded spin, busy : quiet", unboundedSlowdown, "rounds");
    Ratios.print("quiet,  bounded : unbounded ", quietCost, "rounds");
  }

  private List<String> generator() {
    List<String> arguments =
        new ArrayList<>(List.of("--generate-on-request", "-n", "" + n, "-k", "" + k));
    model.directory().ifPresent(bundle -> arguments.addAll(List.of("--bundle", bundle.toString())));
    return arguments;
  }

  /** Does one generation for every line that comes in, and prints its seconds. */
  private void generateOnRequest() throws IOException {
    BufferedReader requests =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    try (Pipeline pipeline = model.open()) {
      GenerationRequest request = pipeline.request(CostMeter.PROMPT).candidates(n).keep(k);
      while (requests.readLine() != null) {
        System.out.println(request.generate().timings().total().toNanos() * 1e-9);
      }
    }
  }

  /** Keeps one processor busy until the process is ended. */
  private static void spin() {
    System.out.println("spinning");
    for (long i = 0; i >= 0; i++) {
      Thread.onSpinWait();
    }
  }

  private static Process start(List<String> arguments, @Nullable String spinCount)
      throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                MeasureLoad.class.getName()));
    command.addAll(arguments);
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT);
    if (spinCount != null) {
      builder.environment().put(SPIN_COUNT, spinCount);
    }
    return builder.start();
  }

  private static String awaitLine(Process process) {
    try {
      String line = process.inputReader(StandardCharsets.UTF_8).readLine();
      if (line == null) {
        throw new IllegalStateException("a process of the measurement ended early");
      }
      return line;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void end(Process process) {
    process.destroy();
    try {
      process.waitFor();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** A process that generates when it is asked to. */
  private record Generator(Process process) implements AutoCloseable {

    double seconds() throws IOException {
      OutputStream requests = process.getOutputStream();
      requests.write('\n');
      requests.flush();
      return Double.parseDouble(awaitLine(process));
    }

    @Override
    public void close() {
      end(process);
    }
  }
}
