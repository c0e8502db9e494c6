package io.github.probeselect.tools;

import picocli.CommandLine;
import picocli.CommandLine.Command;

/**
 * The main class of the command line {@code probeselect-tools}: runs the command that the first
 * argument names, and without one lists them.
 */
@Command(
    name = "probeselect-tools",
    description =
        "Prepares models for early-exit seed selection: collects datasets, trains probes, calibrates for budgets, evaluates signals, measures time and memory.",
    mixinStandardHelpOptions = true,
    synopsisSubcommandLabel = "COMMAND",
    commandListHeading = "%nCommands:%n",
    footer = {
      "",
      "Every command explains itself with --help. Without --bundle it runs on the default model,",
      "which is in the jar. It ends with 0, with 2 if the arguments are wrong, and with 1 if it",
      "cannot do what it is asked for."
    },
    subcommands = {
      Collect.class,
      TrainProbe.class,
      Calibrate.class,
      Evaluate.class,
      MeasureCost.class,
      MeasureLoad.class,
      MeasureMemory.class
    })
public final class ProbeSelectTools implements Runnable {

  private ProbeSelectTools() {}

  /** Runs a command and ends the process with its exit code. */
  public static void main(String[] args) {
    prepareJvm();
    System.exit(commandLine().execute(args));
  }

  /** All commands. */
  static CommandLine commandLine() {
    return PlainErrors.in(new CommandLine(new ProbeSelectTools()));
  }

  /** What the tools want of the libraries, unless the user has said otherwise. */
  static void prepareJvm() {
    // All files that the engine needs are on the class path, and nothing is reported to anybody.
    for (String property : new String[] {"ai.djl.offline", "OPT_OUT_TRACKING"}) {
      setIfAbsent(property);
    }
    // Plots are drawn into files alone.
    setIfAbsent("java.awt.headless");
  }

  private static void setIfAbsent(String property) {
    if (System.getProperty(property) == null) {
      System.setProperty(property, "true");
    }
  }

  @Override
  public void run() {
    CommandLine.usage(this, System.out);
  }
}
