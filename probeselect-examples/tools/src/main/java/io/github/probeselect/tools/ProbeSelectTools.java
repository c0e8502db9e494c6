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
        "Prepares models for early-exit seed selection: examines the installation, collects datasets, trains probes, calibrates for budgets, evaluates signals, measures time and memory.",
    mixinStandardHelpOptions = true,
    synopsisSubcommandLabel = "COMMAND",
    commandListHeading = "%nCommands:%n",
    footer = {
      "",
      "COMMAND --help explains a command, with what it reads and writes. Without",
      "--bundle a command runs on the default model, which is in the jar. The exit",
      "code is 0, 2 if the arguments are wrong, or 1 if the command failed."
    },
    subcommands = {
      Doctor.class,
      Collect.class,
      TrainProbe.class,
      Calibrate.class,
      Evaluate.class,
      MeasureCost.class,
      MeasureLoad.class,
      MeasureOverhead.class,
      MeasureMemory.class
    })
public final class ProbeSelectTools implements Runnable {

  private ProbeSelectTools() {}

  /** Runs a command and ends the process with its exit code. */
  public static void main(String[] args) {
    prepareJvm();
    System.exit(commandLine().execute(args));
  }

  /** All commands; the arguments are not read yet. */
  public static CommandLine commandLine() {
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
