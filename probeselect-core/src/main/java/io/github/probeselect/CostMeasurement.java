package io.github.probeselect;

import io.github.probeselect.model.QualityMetric;
import io.github.probeselect.model.Signal;
import io.github.probeselect.planning.Costs;
import io.github.probeselect.selection.DecisionPoint;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Times a few short generations on this machine. Everything is timed in turn several times, so that
 * other load falls on all alike, and the medians are taken.
 */
final class CostMeasurement {

  private static final String PROMPT = "a red circle";
  private static final int CANDIDATES = 8;
  private static final int STEPS = 4;
  private static final int ROUNDS = 5;

  private final Pipeline pipeline;
  private final List<Signal> signals;
  private final QualityMetric metric;

  CostMeasurement(Pipeline pipeline, List<Signal> signals, QualityMetric metric) {
    this.pipeline = pipeline;
    this.signals = signals;
    this.metric = metric;
  }

  Costs costs() {
    List<Double> evaluation = new ArrayList<>();
    List<Double> finish = new ArrayList<>();
    List<Double> overhead = new ArrayList<>();
    Map<String, List<Double>> asked = new HashMap<>();
    for (int round = -1; round < ROUNDS; round++) {
      boolean warm = round >= 0;
      GenerationResult full = request().keep(CANDIDATES).rescoreBy(metric).generate();
      Timings plain = full.timings();
      double perEvaluation =
          plain.early().plus(plain.remaining()).toNanos() * 1e-9 / full.evaluations().spent();
      if (warm) {
        evaluation.add(perEvaluation);
        finish.add(plain.decode().toNanos() * 1e-9 / CANDIDATES);
        overhead.add(plain.encode().toNanos() * 1e-9);
      }
      for (Signal signal : signals) {
        Timings judged = request().keep(1).signals(signal).generate().timings();
        double extra =
            judged.early().plus(judged.decide()).toNanos() * 1e-9 / CANDIDATES
                - perEvaluation * STEPS / 2;
        if (warm) {
          asked.computeIfAbsent(signal.name(), unseen -> new ArrayList<>()).add(extra);
        }
      }
    }
    double unit = median(evaluation);
    Map<String, Double> costs = new HashMap<>();
    asked.forEach((signal, seconds) -> costs.put(signal, Math.max(0, median(seconds) / unit)));
    return new Costs(costs, median(finish) / unit, unit, median(overhead));
  }

  private GenerationRequest request() {
    return pipeline
        .request(PROMPT)
        .candidates(CANDIDATES)
        .steps(STEPS)
        .decideAt(DecisionPoint.step(STEPS / 2));
  }

  private static double median(List<Double> values) {
    return values.stream()
        .sorted(Comparator.naturalOrder())
        .skip(values.size() / 2)
        .findFirst()
        .orElseThrow();
  }
}
