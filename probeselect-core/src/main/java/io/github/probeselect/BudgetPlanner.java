package io.github.probeselect;

import io.github.probeselect.error.InvalidCalibrationException;
import io.github.probeselect.error.InvalidRequestException;
import io.github.probeselect.internal.planning.Planner;
import io.github.probeselect.internal.recorded.RecordedReadings;
import io.github.probeselect.model.QualityMetric;
import io.github.probeselect.model.Signal;
import io.github.probeselect.planning.Budget;
import io.github.probeselect.planning.Calibration;
import io.github.probeselect.planning.Costs;
import io.github.probeselect.planning.Proposal;
import io.github.probeselect.selection.Cut;
import io.github.probeselect.selection.DecisionPoint;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** Plans generations within a budget, from the calibration of a model. Thread-safe. */
final class BudgetPlanner {

  private final LoadedModel model;
  private final Calibration calibration;
  private final RecordedReadings recorded;
  private final Map<Wish, Proposal> proposals = new ConcurrentHashMap<>();
  private final CallLock lock =
      new CallLock(
          "a budget cannot be planned by a callback of the measurement that planning begins with;"
              + " let the metric or signal return first");
  private volatile @Nullable Costs costs;
  private @Nullable Planner planner;

  private record Wish(Budget budget, int keep) {}

  BudgetPlanner(LoadedModel model, Calibration calibration) {
    this.model = model;
    this.calibration = calibration;
    this.recorded = new RecordedReadings(calibration.readings());
    String own = model.manifest().denoiserHash();
    if (!calibration.denoiserSha256().equals(own)) {
      throw new InvalidCalibrationException(
          String.format(
              Locale.ROOT,
              "the calibration is that of %s with the denoiser %s, but this is %s with %s; calibrate this model",
              calibration.bundle(),
              calibration.denoiserSha256(),
              model.manifest().name(),
              own));
    }
  }

  Calibration calibration() {
    return calibration;
  }

  /** Finds the metric and the signals of the calibration. */
  CalibratedSignals calibratedSignals(@Nullable QualityMetric metric, List<Signal> signals) {
    return CalibratedSignals.of(model.diffusion(), calibration, metric, signals);
  }

  /**
   * Returns the best plan for a budget. Costs are measured and plans searched for at the first call
   * that needs them, by one caller at a time.
   *
   * @param cancellation ends the measurement, the search, and the wait for those of another caller
   */
  Proposal plan(Budget budget, int keep, CalibratedSignals calibrated, Cancellation cancellation) {
    check(budget, keep);
    Wish wish = new Wish(budget, keep);
    Proposal known = proposals.get(wish);
    return known != null
        ? known
        : lock.alone(() -> searched(wish, calibrated, cancellation), cancellation);
  }

  private Proposal searched(Wish wish, CalibratedSignals calibrated, Cancellation cancellation) {
    Proposal proposal = proposals.get(wish);
    if (proposal == null) {
      Planner ready = planner;
      if (ready == null) {
        ready = new Planner(recorded, measured(calibrated, cancellation), true);
        planner = ready;
      }
      proposal = ready.plan(wish.budget, wish.keep, cancellation::check);
      proposals.put(wish, proposal);
    }
    return proposal;
  }

  Costs costs(CalibratedSignals calibrated, Cancellation cancellation) {
    Costs known = costs;
    return known != null
        ? known
        : lock.alone(() -> measured(calibrated, cancellation), cancellation);
  }

  private Costs measured(CalibratedSignals calibrated, Cancellation cancellation) {
    Costs measured = costs;
    if (measured == null) {
      measured =
          new CostMeasurement(model, calibrated.signals(), calibrated.metric(), cancellation)
              .costs();
      costs = measured;
    }
    return measured;
  }

  /** Refuses a budget that is too small, without measuring anything. */
  void check(Budget budget, int keep) {
    Costs known = costs;
    Planner.check(recorded, known == null ? Costs.DENOISING_ONLY : known, budget, keep);
  }

  /** Refuses a request that the calibration does not fit, without measuring anything. */
  void check(Budget budget, RequestOptions options) {
    if (!options.origins.given().isEmpty()) {
      throw new InvalidRequestException(
          "a budget and origins both determine the number of candidates; give seeds, guidanceScales or wordings instead of origins");
    }
    int calibratedSteps = calibration.readings().steps();
    int steps = model.schedule(options).steps();
    if (steps != calibratedSteps) {
      throw new InvalidRequestException(
          String.format(
              Locale.ROOT,
              "the model was calibrated for schedules of %d steps, and this one has %d; leave the steps out, or set candidates and keep in place of a budget",
              calibratedSteps,
              steps));
    }
    calibratedSignals(options.finalMetric, options.signals);
    check(budget, options.keep);
  }

  /** Candidates, cuts and signals of a request with a budget. */
  Allocation allocation(Budget budget, RequestOptions options, Cancellation cancellation) {
    CalibratedSignals calibrated = calibratedSignals(options.finalMetric, options.signals);
    Proposal proposal = plan(budget, options.keep, calibrated, cancellation);
    return new Allocation(
        options.origins.consecutive(proposal.candidates()),
        Optional.ofNullable(options.secondWave),
        proposal.plan().cuts().stream()
            .map(cut -> new Cut(DecisionPoint.step(cut.stepsDone()), cut.keep()))
            .toList(),
        calibrated.select(proposal.signals()),
        proposal.plan().forecast(),
        calibrated.metric());
  }
}
