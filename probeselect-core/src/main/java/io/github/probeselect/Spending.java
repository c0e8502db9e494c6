package io.github.probeselect;

import io.github.probeselect.error.InvalidCalibrationException;
import io.github.probeselect.error.InvalidRequestException;
import io.github.probeselect.model.QualityMetric;
import io.github.probeselect.model.Signal;
import io.github.probeselect.planning.Budget;
import io.github.probeselect.planning.Calibration;
import io.github.probeselect.planning.Costs;
import io.github.probeselect.planning.Planner;
import io.github.probeselect.planning.Proposal;
import io.github.probeselect.selection.Cut;
import io.github.probeselect.selection.DecisionPoint;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Plans budgets for one pipeline, and carries the plans out. Thread-safe. */
final class Spending {

  private final Pipeline pipeline;
  private final Calibration calibration;
  private final Map<Wish, Proposal> proposals = new HashMap<>();
  private @Nullable Costs costs;
  private @Nullable Planner planner;

  private record Wish(Budget budget, int keep) {}

  Spending(Pipeline pipeline, Calibration calibration) {
    this.pipeline = pipeline;
    this.calibration = calibration;
    String own = pipeline.model().manifest().denoiserHash();
    if (!calibration.denoiserSha256().equals(own)) {
      throw new InvalidCalibrationException(
          String.format(
              Locale.ROOT,
              "the calibration is that of %s with the denoiser %s, but this is %s with %s; calibrate this model",
              calibration.bundle(),
              calibration.denoiserSha256(),
              pipeline.model().manifest().name(),
              own));
    }
  }

  Calibration calibration() {
    return calibration;
  }

  /** Finds what the calibration was made with. */
  CalibratedJudges judges(@Nullable QualityMetric metric, List<Signal> signals) {
    return CalibratedJudges.of(pipeline, calibration, metric, signals);
  }

  synchronized Proposal plan(Budget budget, int keep, CalibratedJudges judges) {
    if (planner == null) {
      planner = new Planner(calibration.trajectories(), costs(judges), true);
    }
    Planner ready = planner;
    return proposals.computeIfAbsent(
        new Wish(budget, keep), wish -> ready.plan(wish.budget, wish.keep));
  }

  synchronized Costs costs(CalibratedJudges judges) {
    Costs measured = costs;
    if (measured == null) {
      measured = new CostMeasurement(pipeline, judges.signals(), judges.metric()).costs();
      costs = measured;
    }
    return measured;
  }

  /** Fills a request in with what a plan says. */
  void apply(Budget budget, long firstSeed, GenerationRequest request) {
    int steps = calibration.trajectories().steps();
    if (request.scheduleSteps() != steps) {
      throw new InvalidRequestException(
          String.format(
              Locale.ROOT,
              "the model was calibrated for schedules of %d steps, and this one has %d; leave the steps out, or say how many candidates are started and kept",
              steps,
              request.scheduleSteps()));
    }
    CalibratedJudges judges = judges(request.finalMetric, request.signals);
    Proposal proposal = plan(budget, request.keep, judges);
    request.candidates(proposal.candidates(), firstSeed);
    request.cuts(
        proposal.plan().cuts().stream()
            .map(cut -> new Cut(DecisionPoint.step(cut.stepsDone()), cut.keep()))
            .toArray(Cut[]::new));
    request.signals(judges.asked(proposal.signals()));
    request.forecast(proposal.plan().forecast());
    request.rescoreBy(judges.metric());
  }
}
