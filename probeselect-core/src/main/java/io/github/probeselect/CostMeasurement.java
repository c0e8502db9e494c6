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

/**
 * Times a few short generations on this machine, in several rounds. Other load can only slow a part
 * down, so relative costs are taken from the fastest round of each part. The seconds per denoiser
 * evaluation are the median over the rounds, which includes the usual other load.
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
   * Prepares a measurement; {@link #costs} runs it.
   *
   * @param cancellation of the generation that needs the costs; ends the measurement too
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
    Map<String, List<Timings>> scored = new HashMap<>();
    long evaluations = 0;
    for (int round = 0; round < WARM_UP + ROUNDS; round++) {
      GenerationResult finished = finished();
      evaluations = finished.evaluations().spent();
      full.add(finished.timings());
      for (Signal signal : signals) {
        scored
            .computeIfAbsent(signal.name(), unseen -> new ArrayList<>())
            .add(scored(signal).timings());
      }
    }
    double unit = seconds(full, CostMeasurement::denoising).min().orElseThrow() / evaluations;
    double finish = seconds(full, Timings::decode).min().orElseThrow() / CANDIDATES;
    Costs costs =
        Costs.DENOISING_ONLY
            .finish(finish / unit)
            .secondsPerEvaluation(median(seconds(full, CostMeasurement::denoising)) / evaluations)
            .overheadSeconds(median(seconds(full, Timings::encode)));
    for (Map.Entry<String, List<Timings>> timings : scored.entrySet()) {
      double early = seconds(timings.getValue(), Timings::early).min().orElseThrow() / CANDIDATES;
      double scoring =
          seconds(timings.getValue(), Timings::decide).min().orElseThrow() / CANDIDATES;
      double capturing = Math.max(0, early - unit * STEPS / 2);
      costs = costs.signal(timings.getKey(), (capturing + scoring) / unit);
    }
    return costs;
  }

  private static Duration denoising(Timings timings) {
    return timings.early().plus(timings.remaining());
  }

  /** The durations of a part after the warm-up rounds. */
  private static DoubleStream seconds(List<Timings> rounds, Function<Timings, Duration> part) {
    return rounds.stream().skip(WARM_UP).mapToDouble(round -> part.apply(round).toNanos() * 1e-9);
  }

  /** Finishes all candidates and scores their images. */
  private GenerationResult finished() {
    RequestOptions options = options();
    options.keep = CANDIDATES;
    options.finalMetric = metric;
    return run(options);
  }

  /** Scores the candidates by a signal halfway, and finishes one. */
  private GenerationResult scored(Signal signal) {
    RequestOptions options = options();
    options.signals = List.of(signal);
    return run(options);
  }

  private GenerationResult run(RequestOptions options) {
    ResolvedRequest request = ResolvedRequest.of(options, Allocation.of(options), model);
    return EarlyExit.run(model.pool(), request, cancellation);
  }

  private static RequestOptions options() {
    RequestOptions options = new RequestOptions(PROMPT);
    options.origins = options.origins.withSeeds(CandidateOrigins.consecutive(CANDIDATES, 0));
    options.steps = STEPS;
    options.decisionPoint = DecisionPoint.step(STEPS / 2);
    return options;
  }

  private static double median(DoubleStream values) {
    return values.sorted().skip(ROUNDS / 2).findFirst().orElseThrow();
  }
}
