package io.github.probeselect.research;

import io.github.probeselect.apps.AsyncGeneration;
import io.github.probeselect.apps.Backbones;
import io.github.probeselect.apps.ChooseDevice;
import io.github.probeselect.apps.CustomSelection;
import io.github.probeselect.apps.InteractiveSession;
import io.github.probeselect.apps.PromptBatch;
import io.github.probeselect.apps.Quickstart;
import io.github.probeselect.apps.WebApp;
import io.github.probeselect.apps.WithinBudget;
import io.github.probeselect.tools.Calibrate;
import io.github.probeselect.tools.Collect;
import io.github.probeselect.tools.Doctor;
import io.github.probeselect.tools.Evaluate;
import io.github.probeselect.tools.MeasureCost;
import io.github.probeselect.tools.MeasureLoad;
import io.github.probeselect.tools.MeasureMemory;
import io.github.probeselect.tools.MeasureOverhead;
import io.github.probeselect.tools.PlainErrors;
import io.github.probeselect.tools.TrainProbe;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/**
 * Runs an app, a tool or a study by the name of its class, and without a name lists them: what
 * {@code mvn -q compile -Dexample=NAME} starts.
 */
@Command(
    name = "examples",
    description = "Runs an app, a tool or a study of ProbeSelect.",
    mixinStandardHelpOptions = true,
    synopsisSubcommandLabel = "EXAMPLE",
    commandListHeading = "%nExamples:%n",
    footer = {
      "",
      "Each one explains itself and its options:",
      "  mvn -q compile -Dexample=Quickstart -Dexample.args=\"--help\""
    })
public final class Examples implements Runnable {

  private Examples() {}

  /** Runs the example that the first argument names; the others are its own. */
  public static void main(String[] args) {
    System.exit(commandLine().execute(args));
  }

  /** The command that has all examples below it. */
  static CommandLine commandLine() {
    CommandLine all = new CommandLine(new Examples());
    List.of(
            new Quickstart(),
            new Backbones(),
            new InteractiveSession(),
            new CustomSelection(),
            new AsyncGeneration(),
            new WithinBudget(),
            new PromptBatch(),
            new WebApp(),
            new ChooseDevice(),
            new Doctor(),
            new Collect(),
            new TrainProbe(),
            new Calibrate(),
            new Evaluate(),
            new MeasureCost(),
            new MeasureMemory(),
            new MeasureLoad(),
            new MeasureOverhead(),
            new EvaluatePublished(),
            new Ablate(),
            new Transfer(),
            new StudyBudgets(),
            new StudyHalfPrecision(),
            new StudyRewards(),
            new StudySecondWave())
        .forEach(example -> add(all, example));
    return PlainErrors.in(all);
  }

  private static void add(CommandLine all, Object example) {
    String name = example.getClass().getSimpleName();
    CommandLine command = new CommandLine(example);
    command.getCommandSpec().name(name);
    all.addSubcommand(name, command);
  }

  @Override
  public void run() {
    commandLine().usage(System.out);
  }
}
