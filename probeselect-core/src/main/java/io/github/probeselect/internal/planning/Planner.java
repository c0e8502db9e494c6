package io.github.probeselect.internal.planning;

import io.github.probeselect.error.InvalidRequestException;
import io.github.probeselect.internal.planning.CutSearch.Found;
import io.github.probeselect.internal.recorded.RecordedReadings;
import io.github.probeselect.planning.Budget;
import io.github.probeselect.planning.Costs;
import io.github.probeselect.planning.Proposal;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Searches for the plan of highest expected quality within a budget, by replaying plans on recorded
 * readings: the number of candidates, the cuts, and the signals. The search starts with full runs
 * alone, adds the cut with the largest gain, and repeats while another cut, or moving one,
 * increases the quality; the best plans are replayed with ten times as many draws before one is
 * chosen. Immutable and safe for use by several threads.
 */
public final class Planner {

  /**
   * The minimum gain of a cut, as a share of the distance from a random to the best recorded
   * candidate.
   */
  private static final double WORTHWHILE = 0.0002;

  private final RecordedReadings trajectories;
  private final Costs costs;
  private final boolean rescored;
  private final ForecastFit fit;
  private final Draws few;
  private final Draws many;

  /**
   * Creates a planner for recorded readings.
   *
   * @param rescored whether finished images can be scored by the metric before the best are
   *     returned
   */
  public Planner(RecordedReadings trajectories, Costs costs, boolean rescored) {
    this.trajectories = trajectories;
    this.costs = costs;
    this.rescored = rescored;
    this.fit = new ForecastFit(trajectories);
    this.few = Draws.few(trajectories);
    this.many = Draws.many(trajectories);
  }

  /**
   * Plans for a budget with the recorded signals, each alone or all together.
   *
   * @param keep how many candidates are wanted
   * @throws InvalidRequestException if the budget does not pay for that many
   */
  public Proposal plan(Budget budget, int keep) {
    return plan(budget, keep, () -> {});
  }

  /**
   * Plans for a budget as {@link #plan(Budget, int)} does, until cancelled.
   *
   * @param check called many times a second; an exception that it throws ends the planning
   * @throws InvalidRequestException if the budget does not pay for that many
   */
  public Proposal plan(Budget budget, int keep, Runnable check) {
    List<String> all = trajectories.signals();
    Stream<List<String>> choices = all.stream().map(List::of);
    return plan(
        budget,
        keep,
        (all.size() > 1 ? Stream.concat(choices, Stream.of(all)) : choices).toList(),
        check);
  }

  /**
   * Plans for a budget.
   *
   * @param choices sets of signals that are used together; the best set is chosen
   * @throws InvalidRequestException if the budget does not pay for that many
   */
  public Proposal plan(Budget budget, int keep, List<List<String>> choices) {
    return plan(budget, keep, choices, () -> {});
  }

  private Proposal plan(Budget budget, int keep, List<List<String>> choices, Runnable check) {
    check(trajectories, costs, budget, keep);
    double evaluations = budget.evaluations(trajectories.steps(), costs);
    Found plain =
        search(evaluations, keep, List.of(), check)
            .plain()
            .orElseThrow(() -> refusal(trajectories, costs, budget, keep));
    double atRandom = many.best(1);
    double worthwhile = WORTHWHILE * (many.best(trajectories.candidates()) - atRandom);
    Found best =
        choices.stream()
            .map(signals -> search(evaluations, keep, signals, check).best(worthwhile))
            .flatMap(Optional::stream)
            .max(Comparator.comparingDouble(Found::quality))
            .orElse(plain);
    return new Planned(
        best.candidates(),
        best.plan(),
        best.signals(),
        evaluations,
        best.cost(),
        best.quality(),
        atRandom,
        plain.quality(),
        plain.candidates(),
        many.best(best.candidates()));
  }

  /**
   * Refuses budgets for which no plan exists, without a search: if more candidates are to be kept
   * than were recorded, or the budget does not pay for that many full runs.
   *
   * @param costs {@link Costs#DENOISING_ONLY} if nothing was measured; a budget in seconds is then
   *     not checked
   * @throws InvalidRequestException with the least sufficient budget
   */
  public static void check(RecordedReadings trajectories, Costs costs, Budget budget, int keep) {
    if (keep > trajectories.candidates()) {
      throw new InvalidRequestException(
          String.format(
              Locale.ROOT,
              "%d candidates cannot be kept: only %d were recorded for each prompt; keep fewer, or calibrate with more",
              keep,
              trajectories.candidates()));
    }
    int steps = trajectories.steps();
    if (!budget.isMeasured(costs)) {
      return;
    }
    if (budget.evaluations(steps, costs) + 1e-9 < keep * (steps + costs.finish())) {
      throw refusal(trajectories, costs, budget, keep);
    }
  }

  private static InvalidRequestException refusal(
      RecordedReadings trajectories, Costs costs, Budget budget, int keep) {
    int steps = trajectories.steps();
    return new InvalidRequestException(
        String.format(
            Locale.ROOT,
            "a budget of %s does not pay for %d finished images of %d steps, which take at least %s; raise it, for instance to Budget.fullRuns(%d), or keep fewer",
            budget.inWords(),
            keep,
            steps,
            budget.least(keep, steps, costs).inWords(),
            keep));
  }

  private CutSearch search(double evaluations, int keep, List<String> signals, Runnable check) {
    return new CutSearch(
        trajectories,
        costs,
        rescored,
        fit,
        new CutReplay(few),
        new CutReplay(many),
        evaluations,
        keep,
        signals,
        check);
  }
}
