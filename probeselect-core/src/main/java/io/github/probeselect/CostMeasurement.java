package io.github.probeselect;

import io.github.probeselect.model.QualityMetric;
import io.github.probeselect.model.Signal;
import io.github.probeselect.planning.Costs;
import io.github.probeselect.selection.DecisionPoint;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Times a few short generations on this machine. Everything is timed in turn several times. Other
 * load only ever makes something slower, so what one part costs compared with another is taken from
 * the quickest of its rounds; how long an evaluation takes is the median, as other load is part of
 * a day's work.
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
    Map<String, List<Double>> early = new HashMap<>();
    Map<String, List<Double>> decide = new HashMap<>();
    for (int round = -1; round < ROUNDS; round++) {
      boolean warm = round >= 0;
      GenerationResult full = request().keep(CANDIDATES).rescoreBy(metric).generate();
      Timings plain = full.timings();
      if (warm) {
        Duration denoising = plain.early().plus(plain.remaining());
        evaluation.add(seconds(denoising) / full.evaluations().spent());
        finish.add(seconds(plain.decode()) / CANDIDATES);
        overhead.add(seconds(plain.encode()));
      }
      for (Signal signal : signals) {
        Timings judged = request().keep(1).signals(signal).generate().timings();
        if (warm) {
          early
              .computeIfAbsent(signal.name(), unseen -> new ArrayList<>())
              .add(seconds(judged.early()) / CANDIDATES);
          decide
              .computeIfAbsent(signal.name(), unseen -> new ArrayList<>())
              .add(seconds(judged.decide()) / CANDIDATES);
        }
      }
    }
    double unit = Collections.min(evaluation);
    Map<String, Double> costs = new HashMap<>();
    early.forEach(
        (signal, seconds) -> {
          double capturing = Math.max(0, Collections.min(seconds) - unit * STEPS / 2);
          double judging = Collections.min(decide.get(signal));
          costs.put(signal, (capturing + judging) / unit);
        });
    return new Costs(costs, Collections.min(finish) / unit, median(evaluation), median(overhead));
  }

  private static double seconds(Duration duration) {
    return duration.toNanos() * 1e-9;
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
