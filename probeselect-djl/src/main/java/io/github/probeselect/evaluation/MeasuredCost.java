package io.github.probeselect.evaluation;

import io.github.probeselect.GenerationResult.Timings;
import io.github.probeselect.Pipeline;
import io.github.probeselect.error.InvalidRequestException;
import io.github.probeselect.model.Signal;
import io.github.probeselect.selection.DecisionPoint;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The costs of signals, as medians over several rounds of timed generations. */
final class MeasuredCost implements SignalCost {

  private static final int CANDIDATES = 16;
  private static final int FINISHED = 8;

  private final Map<Started, Double> costs;

  private MeasuredCost(Map<Started, Double> costs) {
    this.costs = costs;
  }

  /** A signal, and the fraction done that it scores at. */
  private record Started(String signal, double fraction) {}

  static MeasuredCost of(
      Pipeline pipeline,
      String prompt,
      List<? extends Signal> signals,
      List<Double> fractions,
      int rounds) {
    if (rounds < 1) {
      throw new InvalidRequestException(
          "costs cannot be measured in " + rounds + " rounds; give at least 1");
    }
    List<Double> full = new ArrayList<>();
    Map<Started, List<Double>> started = new LinkedHashMap<>();
    for (int round = -1; round < rounds; round++) {
      Timings finished = pipeline.generate(prompt, FINISHED, FINISHED).timings();
      boolean warm = round >= 0;
      if (warm) {
        Duration all = finished.early().plus(finished.remaining()).plus(finished.decode());
        full.add((double) all.toNanos() / FINISHED);
      }
      for (Signal signal : signals) {
        for (double fraction : fractions) {
          double nanos = nanosPerCandidate(pipeline, prompt, signal, fraction);
          if (warm) {
            Started key = new Started(signal.name(), fraction);
            started.computeIfAbsent(key, unseen -> new ArrayList<>()).add(nanos);
          }
        }
      }
    }
    Map<Started, Double> costs = new LinkedHashMap<>();
    started.forEach((key, nanos) -> costs.put(key, median(nanos) / median(full)));
    return new MeasuredCost(costs);
  }

  private static double nanosPerCandidate(
      Pipeline pipeline, String prompt, Signal signal, double fraction) {
    Timings timings =
        pipeline
            .request(prompt)
            .candidates(CANDIDATES)
            .keep(1)
            .decideAt(DecisionPoint.fraction(fraction))
            .signals(signal)
            .generate()
            .timings();
    return (double) timings.early().plus(timings.decide()).toNanos() / CANDIDATES;
  }

  private static double median(List<Double> values) {
    return PairedTimes.median(values.stream().mapToDouble(Double::doubleValue).toArray());
  }

  @Override
  public double started(String signal, double fractionDone) {
    return costs.getOrDefault(new Started(signal, fractionDone), Double.NaN);
  }
}
