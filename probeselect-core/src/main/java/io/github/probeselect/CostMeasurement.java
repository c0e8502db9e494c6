package io.github.probeselect;

import io.github.probeselect.GenerationResult.Timings;
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
import java.util.stream.LongStream;

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

  private final LoadedModel model;
  private final List<Signal> signals;
  private final QualityMetric metric;
  private final Cancellation cancellation;

  /**
   * Prepares a measurement.
   *
   * @param cancellation of what it is made for; ends it too
   */
  CostMeasurement(
      LoadedModel model, List<Signal> signals, QualityMetric metric, Cancellation cancellation) {
    this.model = model;
    this.signals = signals;
    this.metric = metric;
    this.cancellation = cancellation;
  }

  Costs costs() {
    List<Timings> full = new ArrayList<>();
    Map<String, List<Timings>> judged = new HashMap<>();
    long evaluations = 0;
    for (int round = 0; round < WARM_UP + ROUNDS; round++) {
      GenerationResult finished = finished();
      evaluations = finished.evaluations().spent();
      full.add(finished.timings());
      for (Signal signal : signals) {
        judged
            .computeIfAbsent(signal.name(), unseen -> new ArrayList<>())
            .add(judged(signal).timings());
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

  /** Finishes all candidates and scores their images. */
  private GenerationResult finished() {
    Choices choices = choices();
    choices.keep = CANDIDATES;
    choices.finalMetric = metric;
    return run(choices);
  }

  /** Has a signal score the candidates halfway, and finishes one. */
  private GenerationResult judged(Signal signal) {
    Choices choices = choices();
    choices.signals = List.of(signal);
    return run(choices);
  }

  private GenerationResult run(Choices choices) {
    Plan plan = Plan.of(choices, Allocation.of(choices), model);
    return new EarlyExit(model.diffusion(), plan, cancellation).run();
  }

  private static Choices choices() {
    Choices choices = new Choices(PROMPT);
    choices.seeds = LongStream.range(0, CANDIDATES).boxed().toList();
    choices.steps = STEPS;
    choices.decisionPoint = DecisionPoint.step(STEPS / 2);
    return choices;
  }

  private static double median(DoubleStream values) {
    return values.sorted().skip(ROUNDS / 2).findFirst().orElseThrow();
  }
}
