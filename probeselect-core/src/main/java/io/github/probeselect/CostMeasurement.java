package io.github.probeselect;

import io.github.probeselect.model.QualityMetric;
import io.github.probeselect.model.Signal;
import io.github.probeselect.planning.Costs;
import io.github.probeselect.selection.DecisionPoint;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.DoubleStream;

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
  private static final int WARM_UP = 1;
  private static final int ROUNDS = 5;

  private final Pipeline pipeline;
  private final List<Signal> signals;
  private final QualityMetric metric;
  private final Cancellation cancellation;

  /**
   * Prepares a measurement.
   *
   * @param cancellation of what it is made for; ends it too
   */
  CostMeasurement(
      Pipeline pipeline, List<Signal> signals, QualityMetric metric, Cancellation cancellation) {
    this.pipeline = pipeline;
    this.signals = signals;
    this.metric = metric;
    this.cancellation = cancellation;
  }

  Costs costs() {
    List<Timings> full = new ArrayList<>();
    Map<String, List<Timings>> judged = new HashMap<>();
    long evaluations = 0;
    for (int round = 0; round < WARM_UP + ROUNDS; round++) {
      GenerationResult finished = run(request().keep(CANDIDATES).rescoreBy(metric));
      evaluations = finished.evaluations().spent();
      full.add(finished.timings());
      for (Signal signal : signals) {
        judged
            .computeIfAbsent(signal.name(), unseen -> new ArrayList<>())
            .add(run(request().keep(1).signals(signal)).timings());
      }
    }
    double unit = seconds(full, CostMeasurement::denoising).min().orElseThrow() / evaluations;
    Map<String, Double> costs = new HashMap<>();
    judged.forEach(
        (signal, timings) -> {
          double early = seconds(timings, Timings::early).min().orElseThrow() / CANDIDATES;
          double judging = seconds(timings, Timings::decide).min().orElseThrow() / CANDIDATES;
          double capturing = Math.max(0, early - unit * STEPS / 2);
          costs.put(signal, (capturing + judging) / unit);
        });
    double finish = seconds(full, Timings::decode).min().orElseThrow() / CANDIDATES;
    return new Costs(
        costs,
        finish / unit,
        median(seconds(full, CostMeasurement::denoising)) / evaluations,
        median(seconds(full, Timings::encode)));
  }

  private static Duration denoising(Timings timings) {
    return timings.early().plus(timings.remaining());
  }

  /** How long a part took, once warm. */
  private static DoubleStream seconds(List<Timings> rounds, Function<Timings, Duration> part) {
    return rounds.stream().skip(WARM_UP).mapToDouble(round -> part.apply(round).toNanos() * 1e-9);
  }

  private GenerationResult run(GenerationRequest request) {
    return pipeline.run(request.plan(), cancellation);
  }

  private GenerationRequest request() {
    return pipeline
        .request(PROMPT)
        .candidates(CANDIDATES)
        .steps(STEPS)
        .decideAt(DecisionPoint.step(STEPS / 2));
  }

  private static double median(DoubleStream values) {
    return values.sorted().skip(ROUNDS / 2).findFirst().orElseThrow();
  }
}
