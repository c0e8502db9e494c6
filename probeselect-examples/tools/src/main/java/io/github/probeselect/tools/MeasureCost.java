package io.github.probeselect.tools;

import io.github.probeselect.GenerationRequest;
import io.github.probeselect.GenerationResult;
import io.github.probeselect.Pipeline;
import io.github.probeselect.model.Signal;
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

  @Mixin private ModelOption model = new ModelOption();

  @Mixin private MetricOption metric = new MetricOption();

  @Option(names = "--prompt", description = "What the image shows.")
  private String prompt = CostMeter.PROMPT;

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
      double[] saving = new double[rounds];
      double[] cost = new double[rounds];
      double share = 1;
      for (int round = -1; round < rounds; round++) {
        GenerationResult result = selected.generate();
        double selectedSeconds = seconds(result);
        double finishedSeconds = seconds(finished.generate());
        double reproducibleSeconds = seconds(reproducible.generate());
        share = result.evaluations().share();
        if (round >= 0) {
          saving[round] = selectedSeconds / finishedSeconds;
          cost[round] = reproducibleSeconds / selectedSeconds;
        }
      }
      System.out.printf(
          Locale.ROOT,
          "evaluations, keep %d of %d : all %d finished   %.3f%n",
          selection.k(),
          selection.n(),
          selection.n(),
          share);
      Ratios.print("wall-clock, the same", saving, "pairs");
      Ratios.print("wall-clock, reproducible mode : default mode", cost, "pairs");
      return 0;
    }
  }

  private static double seconds(GenerationResult result) {
    return result.timings().total().toNanos() * 1e-9;
  }
}
