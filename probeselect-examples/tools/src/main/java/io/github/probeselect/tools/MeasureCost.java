package io.github.probeselect.tools;

import io.github.probeselect.GenerationRequest;
import io.github.probeselect.Pipeline;
import io.github.probeselect.evaluation.PairedTimes;
import io.github.probeselect.model.Signal;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * Measures what selection saves and what the reproducible mode costs: the runs that are compared
 * take turns, and the ratio is formed pair by pair, so that a change in the machine's speed touches
 * both sides.
 */
@Command(
    name = "measure-cost",
    description = "Measures what selection saves and what the reproducible mode costs.",
    footer = {
      "",
      "Reads: the model, and the --metric directory if the bundle has no probe.",
      "Writes: nothing; it prints ratios of wall-clock time with their range."
    },
    mixinStandardHelpOptions = true,
    showDefaultValues = true)
public final class MeasureCost implements Callable<Integer> {

  /** What the images of measurements show. */
  static final String PROMPT = "a yellow star above a blue circle on a dotted pink background";

  @Mixin private ModelOption model = new ModelOption();

  @Mixin private MetricOption metric = new MetricOption();

  @Option(names = "--prompt", description = "What the image shows.")
  private String prompt = PROMPT;

  @Mixin private SelectionOption selection = new SelectionOption();

  @Option(
      names = "--rounds",
      converter = AtLeastOne.class,
      description = "How many pairs are measured, after one that is not.")
  private int rounds = 7;

  /** Creates the command. */
  public MeasureCost() {}

  @Override
  public Integer call() {
    try (Pipeline pipeline = model.open();
        ChosenMetrics metrics = metric.open(pipeline)) {
      Signal[] signals = metrics.signals();
      GenerationRequest selected = selection.of(pipeline.request(prompt), 0).signals(signals);
      GenerationRequest finished =
          pipeline.request(prompt).candidates(selection.n()).keep(selection.n());
      GenerationRequest reproducible = selected.reproducible(true);
      PairedTimes times = PairedTimes.measure(List.of(selected, finished, reproducible), rounds);
      System.out.printf(
          Locale.ROOT,
          "evaluations, keep %d of %d : all %d finished   %.3f%n",
          selection.k(),
          selection.n(),
          selection.n(),
          times.evaluations(0).share());
      Ratios.print("wall-clock, the same", times.ratios(0, 1), "pairs");
      Ratios.print("wall-clock, reproducible mode : default mode", times.ratios(2, 0), "pairs");
      return 0;
    }
  }
}
