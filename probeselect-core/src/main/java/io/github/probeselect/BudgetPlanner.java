package io.github.probeselect;

import io.github.probeselect.error.InvalidCalibrationException;
import io.github.probeselect.error.InvalidRequestException;
import io.github.probeselect.internal.planning.Planner;
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

/** Plans what budgets are spent on, from the calibration of a model. Thread-safe. */
final class BudgetPlanner {

  private final LoadedModel model;
  private final Calibration calibration;
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

  /** Finds what the calibration was made with. */
  CalibratedJudges judges(@Nullable QualityMetric metric, List<Signal> signals) {
    return CalibratedJudges.of(model.diffusion(), calibration, metric, signals);
  }

  /**
   * Says how a budget is best spent. What is not known yet is measured and searched for, by one
   * caller at a time.
   *
   * @param cancellation ends the measurement, the search, and the waiting for those of others
   */
  Proposal plan(Budget budget, int keep, CalibratedJudges judges, Cancellation cancellation) {
    check(budget, keep);
    Wish wish = new Wish(budget, keep);
    Proposal known = proposals.get(wish);
    return known != null
        ? known
        : lock.alone(() -> searched(wish, judges, cancellation), cancellation);
  }

  private Proposal searched(Wish wish, CalibratedJudges judges, Cancellation cancellation) {
    Proposal proposal = proposals.get(wish);
    if (proposal == null) {
      Planner ready = planner;
      if (ready == null) {
        ready = new Planner(calibration.trajectories(), measured(judges, cancellation), true);
        planner = ready;
      }
      proposal = ready.plan(wish.budget, wish.keep, cancellation::check);
      proposals.put(wish, proposal);
    }
    return proposal;
  }

  Costs costs(CalibratedJudges judges, Cancellation cancellation) {
    Costs known = costs;
    return known != null ? known : lock.alone(() -> measured(judges, cancellation), cancellation);
  }

  private Costs measured(CalibratedJudges judges, Cancellation cancellation) {
    Costs measured = costs;
    if (measured == null) {
      measured =
          new CostMeasurement(model, judges.signals(), judges.metric(), cancellation).costs();
      costs = measured;
    }
    return measured;
  }

  /** Refuses what cannot be paid, without measuring anything. */
  void check(Budget budget, int keep) {
    Costs known = costs;
    Planner.check(
        calibration.trajectories(), known == null ? Costs.DENOISING_ONLY : known, budget, keep);
  }

  /** Refuses a request that the calibration does not go with, without measuring anything. */
  void check(Budget budget, Choices choices) {
    if (!choices.origins.isEmpty()) {
      throw new InvalidRequestException(
          "a budget says how many candidates there are, and so do origins; give seeds,"
              + " guidanceScales or wordings instead of origins");
    }
    int calibrated = calibration.trajectories().steps();
    int steps = model.schedule(choices).steps();
    if (steps != calibrated) {
      throw new InvalidRequestException(
          String.format(
              Locale.ROOT,
              "the model was calibrated for schedules of %d steps, and this one has %d; leave the steps out, or say how many candidates are started and kept",
              calibrated,
              steps));
    }
    judges(choices.finalMetric, choices.signals);
    check(budget, choices.keep);
  }

  /** What a request spends its budget on. */
  Allocation allocation(Budget budget, Choices choices, Cancellation cancellation) {
    CalibratedJudges judges = judges(choices.finalMetric, choices.signals);
    Proposal proposal = plan(budget, choices.keep, judges, cancellation);
    return new Allocation(
        choices.consecutiveOrigins(proposal.candidates()),
        Optional.ofNullable(choices.secondWave),
        proposal.plan().cuts().stream()
            .map(cut -> new Cut(DecisionPoint.step(cut.stepsDone()), cut.keep()))
            .toList(),
        judges.asked(proposal.signals()),
        proposal.plan().forecast(),
        judges.metric());
  }
}
