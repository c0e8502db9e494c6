package io.github.probeselect.tools;

import io.github.probeselect.GenerationRequest;
import io.github.probeselect.Pipeline;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.InterruptedIOException;
import java.io.OutputStream;
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
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * Measures how much slower a generation is beside busy processes, with the spin of PyTorch's idle
 * threads as the library bounds it and as the OpenMP runtime has it by itself. Each setting has a
 * process of its own that waits while the other one runs; quiet and busy runs of both take turns,
 * and the ratios are formed round by round. Linux only.
 */
@Command(
    name = "measure-load",
    description = "Measures how much slower a generation is beside busy processes.",
    footer = {
      "",
      "Reads: the model, and the --metric directory if the bundle has no probe.",
      "Writes: nothing; it prints ratios of wall-clock time with their range. Linux only."
    },
    mixinStandardHelpOptions = true,
    showDefaultValues = true)
public final class MeasureLoad implements Callable<Integer> {

  /** What GNU's OpenMP runtime does by itself where there are no more threads than processors. */
  private static final String RUNTIME_DEFAULT = "300000";

  private static final String SPIN_COUNT = "GOMP_SPINCOUNT";

  @Spec private CommandSpec spec = CommandSpec.create();

  @Mixin private ModelOption model = new ModelOption();

  @Mixin private MetricOption metric = new MetricOption();

  @Mixin private SelectionOption selection = new SelectionOption();

  @Option(
      names = "--busy",
      description = "How many busy processes run beside it; one per processor if 0.")
  private int busy;

  @Option(
      names = "--rounds",
      converter = AtLeastOne.class,
      description = "How many rounds are measured, after one that is not.")
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
    try (Generator bounded = Generator.ready(start(generator(), null));
        Generator unbounded = Generator.ready(start(generator(), RUNTIME_DEFAULT))) {
      measure(bounded, unbounded);
      return 0;
    } catch (EndedEarly e) {
      CommandLine command = spec.commandLine();
      if (e.status != 1 && e.status != 2) {
        command.getErr().println("error: " + e.getMessage());
      }
      // Otherwise the process has printed the reason on the standard error that it shares.
      return spec.exitCodeOnExecutionException();
    }
  }

  private void measure(Generator bounded, Generator unbounded) throws IOException {
    int processes = busy > 0 ? busy : Runtime.getRuntime().availableProcessors();
    double[] boundedSlowdown = new double[rounds];
    double[] unboundedSlowdown = new double[rounds];
    double[] quietCost = new double[rounds];
    for (int round = -1; round < rounds; round++) {
      // What comes first meets the others' start; each setting does in every second round.
      boolean boundedFirst = round % 2 == 0;
      Seconds quiet = Seconds.of(bounded, unbounded, boundedFirst);
      Seconds beside;
      List<Process> others = new ArrayList<>();
      try {
        for (int i = 0; i < processes; i++) {
          others.add(start(List.of("--spin"), null));
        }
        for (Process other : others) {
          awaitLine(other);
        }
        beside = Seconds.of(bounded, unbounded, boundedFirst);
      } finally {
        others.forEach(MeasureLoad::end);
      }
      if (round >= 0) {
        System.out.printf(
            Locale.ROOT,
            "seconds, quiet and beside %d busy processes: bounded %.2f %.2f, unbounded %.2f %.2f%n",
            processes,
            quiet.bounded,
            beside.bounded,
            quiet.unbounded,
            beside.unbounded);
        boundedSlowdown[round] = beside.bounded / quiet.bounded;
        unboundedSlowdown[round] = beside.unbounded / quiet.unbounded;
        quietCost[round] = quiet.bounded / quiet.unbounded;
      }
    }
    Ratios.print("bounded spin,   busy : quiet", boundedSlowdown, "rounds");
    Ratios.print("unbounded spin, busy : quiet", unboundedSlowdown, "rounds");
    Ratios.print("quiet,  bounded : unbounded ", quietCost, "rounds");
  }

  private List<String> generator() {
    List<String> arguments =
        new ArrayList<>(
            List.of("--generate-on-request", "-n", "" + selection.n(), "-k", "" + selection.k()));
    metric
        .directories()
        .forEach(directory -> arguments.addAll(List.of("--metric", directory.toString())));
    model.directory().ifPresent(bundle -> arguments.addAll(List.of("--bundle", bundle.toString())));
    return arguments;
  }

  /** Does one generation for every line that comes in, and prints its seconds. */
  private void generateOnRequest() throws IOException {
    BufferedReader requests =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    try (Pipeline pipeline = model.open();
        ChosenMetrics metrics = metric.open(pipeline)) {
      GenerationRequest request =
          selection.of(pipeline.request(MeasureCost.PROMPT), 0).signals(metrics.signals());
      System.out.println("ready");
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

  private static String awaitLine(Process process) throws IOException {
    String line = process.inputReader(StandardCharsets.UTF_8).readLine();
    if (line == null) {
      try {
        throw new EndedEarly(process.waitFor());
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new InterruptedIOException("interrupted while a process of the measurement ended");
      }
    }
    return line;
  }

  private static void end(Process process) {
    process.destroy();
    try {
      process.waitFor();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** A process that ended before it was told to. */
  private static final class EndedEarly extends IOException {
    private static final long serialVersionUID = 1;
    private final int status;

    EndedEarly(int status) {
      super("a process of the measurement ended early, with status " + status);
      this.status = status;
    }
  }

  /** What a generation took with each setting. */
  private record Seconds(double bounded, double unbounded) {

    static Seconds of(Generator bounded, Generator unbounded, boolean boundedFirst)
        throws IOException {
      if (boundedFirst) {
        double first = bounded.seconds();
        return new Seconds(first, unbounded.seconds());
      }
      double first = unbounded.seconds();
      return new Seconds(bounded.seconds(), first);
    }
  }

  /** A process that generates when it is asked to. */
  private record Generator(Process process) implements AutoCloseable {

    /** Waits until the process has opened its model. */
    static Generator ready(Process process) throws IOException {
      awaitLine(process);
      return new Generator(process);
    }

    double seconds() throws IOException {
      OutputStream requests = process.getOutputStream();
      try {
        requests.write('\n');
        requests.flush();
      } catch (IOException ended) {
        // The process is gone; why, its exit status says below.
      }
      return Double.parseDouble(awaitLine(process));
    }

    @Override
    public void close() {
      end(process);
    }
  }
}
