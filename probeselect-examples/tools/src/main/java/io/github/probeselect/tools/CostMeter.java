package io.github.probeselect.tools;

import io.github.probeselect.GenerationRequest;
import io.github.probeselect.GenerationResult.Timings;
import io.github.probeselect.Pipeline;
import io.github.probeselect.evaluation.SignalCost;
import io.github.probeselect.model.Probe;
import io.github.probeselect.selection.DecisionPoint;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What signals cost on this machine: the median of several rounds, in each of which everything is
 * timed in turn, so that other load falls on all alike.
 */
public final class CostMeter implements SignalCost {

  /** What the images of measurements show. */
  static final String PROMPT = "a yellow star above a blue circle on a dotted pink background";

  private static final int CANDIDATES = 16;
  private static final int FINISHED = 8;

  private final Map<Started, Double> costs;

  private CostMeter(Map<Started, Double> costs) {
    this.costs = costs;
  }

  /** A signal, and the fraction done that it scores at. */
  private record Started(String signal, double fraction) {}

  /**
   * Times generations of one prompt.
   *
   * @param probes what scores for each signal; empty for the probe of the bundle
   * @param fractions where they score
   * @param rounds how often everything is timed, after once without looking at the clock
   */
  static CostMeter measure(
      Pipeline pipeline,
      String prompt,
      Map<String, Optional<Probe>> probes,
      List<Double> fractions,
      int rounds) {
    List<Double> full = new ArrayList<>();
    Map<Started, List<Double>> started = new LinkedHashMap<>();
    for (int round = -1; round < rounds; round++) {
      Timings finished = pipeline.generate(prompt, FINISHED, FINISHED).timings();
      boolean warm = round >= 0;
      if (warm) {
        Duration all = finished.early().plus(finished.remaining()).plus(finished.decode());
        full.add((double) all.toNanos() / FINISHED);
      }
      probes.forEach(
          (signal, probe) -> {
            for (double fraction : fractions) {
              double nanos = nanosPerCandidate(pipeline, prompt, probe, fraction);
              if (warm) {
                Started key = new Started(signal, fraction);
                started.computeIfAbsent(key, unseen -> new ArrayList<>()).add(nanos);
              }
            }
          });
    }
    Map<Started, Double> costs = new LinkedHashMap<>();
    started.forEach((key, nanos) -> costs.put(key, median(nanos) / median(full)));
    return new CostMeter(costs);
  }

  private static double nanosPerCandidate(
      Pipeline pipeline, String prompt, Optional<Probe> probe, double fraction) {
    GenerationRequest request =
        pipeline
            .request(prompt)
            .candidates(CANDIDATES)
            .keep(1)
            .decideAt(DecisionPoint.fraction(fraction));
    Timings timings = probe.map(request::probe).orElse(request).generate().timings();
    return (double) timings.early().plus(timings.decide()).toNanos() / CANDIDATES;
  }

  /** The middle one; of an even number the upper one of the middle. */
  public static double median(List<Double> values) {
    return values.stream().sorted().skip(values.size() / 2).findFirst().orElseThrow();
  }

  @Override
  public double started(String signal, double fractionDone) {
    return costs.getOrDefault(new Started(signal, fractionDone), Double.NaN);
  }
}
