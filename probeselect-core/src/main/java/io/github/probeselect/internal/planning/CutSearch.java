package io.github.probeselect.internal.planning;

import io.github.probeselect.internal.recorded.LinearForecast;
import io.github.probeselect.internal.recorded.RecordedReadings;
import io.github.probeselect.planning.Costs;
import io.github.probeselect.selection.SelectionPlan;
import io.github.probeselect.selection.SelectionPlan.StepCut;
import io.github.probeselect.selection.SelectionPolicy;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Searches for the cuts of highest quality within a budget, with the same signals at each cut:
 * first with few draws, then with many near the best plans found. Not thread-safe.
 */
final class CutSearch {

  private static final int MOST_CUTS = 6;
  private static final int BEAM = 3;
  private static final int FINALISTS = 4;
  private static final String FORECAST = "forecast";
  private static final Comparator<Found> BEST_FIRST =
      Comparator.comparingDouble(Found::quality).reversed();

  private final RecordedReadings trajectories;
  private final Costs costs;
  private final boolean rescored;
  private final ForecastFit fit;
  private final CutReplay roughly;
  private final CutReplay exactly;
  private final double budget;
  private final int keep;
  private final List<String> signals;
  private final Runnable check;
  private final List<Integer> steps;
  private final Map<List<Integer>, LinearForecast> forecasts = new HashMap<>();
  private final Map<List<Integer>, RecordedReadings> forecasted = new HashMap<>();
  private final Map<Trial, Optional<Found>> trials = new HashMap<>();

  /**
   * A plan with its mean quality.
   *
   * @param candidates the number of candidates to start
   * @param plan cuts and forecast
   * @param signals the names of the signals
   * @param cost the maximum cost in denoiser evaluations
   * @param quality the mean final metric of the returned images
   */
  record Found(
      int candidates, SelectionPlan plan, List<String> signals, double cost, double quality) {}

  /** The key of a cached trial: climbs from different plans reach the same cuts. */
  private record Trial(List<StepCut> cuts, CutReplay replay) {}

  /**
   * Prepares a search.
   *
   * @param check called before every trial; ends the search by throwing
   */
  CutSearch(
      RecordedReadings trajectories,
      Costs costs,
      boolean rescored,
      ForecastFit fit,
      CutReplay roughly,
      CutReplay exactly,
      double budget,
      int keep,
      List<String> signals,
      Runnable check) {
    this.trajectories = trajectories;
    this.costs = costs;
    this.rescored = rescored;
    this.fit = fit;
    this.roughly = roughly;
    this.exactly = exactly;
    this.budget = budget;
    this.keep = keep;
    this.signals = signals;
    this.check = check;
    this.steps = signals.isEmpty() ? List.of() : steps(trajectories, signals);
  }

  /**
   * The steps after which all of these signals were recorded, except the last step of the schedule.
   */
  private static List<Integer> steps(RecordedReadings trajectories, List<String> signals) {
    return trajectories.observedAfter(signals.get(0)).stream()
        .filter(step -> step < trajectories.steps())
        .filter(
            step ->
                signals.stream()
                    .allMatch(signal -> trajectories.observedAfter(signal).contains(step)))
        .toList();
  }

  /** The plan of full runs alone that the budget pays for; empty if it does not pay for enough. */
  Optional<Found> plain() {
    return tried(List.of(), exactly);
  }

  /**
   * A greedy search: starts without cuts, adds the cut with the largest gain, and repeats while
   * another cut, or moving one, increases the quality.
   *
   * @param worthwhile the minimum gain of a cut
   * @return empty if the budget does not pay for enough full runs
   */
  Optional<Found> best(double worthwhile) {
    return tried(List.of(), roughly)
        .flatMap(
            plain ->
                finalists(plain, worthwhile).stream()
                    .map(cuts -> tried(cuts, exactly))
                    .flatMap(Optional::stream)
                    .sorted(BEST_FIRST)
                    .limit(FINALISTS)
                    .map(found -> polished(found, false, exactly))
                    .max(
                        Comparator.comparingDouble(
                            found -> found.quality - worthwhile * found.plan.cuts().size())));
  }

  /** The best cuts found, for each number of cuts. */
  private Set<List<StepCut>> finalists(Found plain, double worthwhile) {
    Set<List<StepCut>> finalists = new LinkedHashSet<>();
    finalists.add(plain.plan.cuts());
    List<Found> beam = List.of(plain);
    Found best = plain;
    for (int cuts = 1; cuts <= MOST_CUTS; cuts++) {
      beam =
          beam.stream()
              .flatMap(this::withAnotherCut)
              .sorted(BEST_FIRST)
              .limit(BEAM)
              .map(found -> polished(found, false, roughly))
              .sorted(BEST_FIRST)
              .toList();
      if (beam.isEmpty()) {
        break;
      }
      Found longer = polished(beam.get(0), true, roughly);
      finalists.add(longer.plan.cuts());
      beam.forEach(found -> finalists.add(found.plan.cuts()));
      if (longer.quality < best.quality + worthwhile) {
        break;
      }
      best = longer;
    }
    return finalists;
  }

  private Stream<Found> withAnotherCut(Found found) {
    List<StepCut> cuts = found.plan.cuts();
    return steps.stream()
        .filter(step -> cuts.stream().noneMatch(cut -> cut.stepsDone() == step))
        .flatMap(
            step -> {
              int place = (int) cuts.stream().filter(cut -> cut.stepsDone() < step).count();
              int least = place < cuts.size() ? cuts.get(place).keep() : keep;
              int most =
                  place > 0 ? cuts.get(place - 1).keep() : Math.max(least, found.candidates * 2);
              return counts(least, most)
                  .mapToObj(
                      count -> {
                        List<StepCut> longer = new ArrayList<>(cuts);
                        longer.add(place, new StepCut(step, count));
                        return longer;
                      });
            })
        .map(longer -> tried(longer, roughly))
        .flatMap(Optional::stream);
  }

  /** Numbers in a range, with distances that grow with the numbers. */
  private static IntStream counts(int least, int most) {
    return IntStream.iterate(least, count -> count <= most, count -> count + 1 + count / 4);
  }

  /**
   * Moves cuts to neighbouring steps and numbers of candidates as long as the quality increases.
   *
   * @param two whether pairs of moves are tried if no single move increases the quality
   */
  private Found polished(Found found, boolean two, CutReplay replay) {
    Found best = found;
    for (Found next = best; next != null; next = better(best, two, replay)) {
      best = next;
    }
    return best;
  }

  private @Nullable Found better(Found best, boolean two, CutReplay replay) {
    Set<List<StepCut>> near = new LinkedHashSet<>(moves(best.plan.cuts()));
    Found found = best(near, replay);
    if (two && (found == null || found.quality <= best.quality)) {
      Set<List<StepCut>> further = new LinkedHashSet<>();
      near.forEach(cuts -> further.addAll(moves(cuts)));
      further.removeAll(near);
      found = best(further, replay);
    }
    return found != null && found.quality > best.quality ? found : null;
  }

  private @Nullable Found best(Set<List<StepCut>> among, CutReplay replay) {
    return among.stream()
        .filter(CutSearch::isOrdered)
        .map(cuts -> tried(cuts, replay))
        .flatMap(Optional::stream)
        .max(Comparator.comparingDouble(Found::quality))
        .orElse(null);
  }

  private List<List<StepCut>> moves(List<StepCut> cuts) {
    List<List<StepCut>> moves = new ArrayList<>();
    for (int i = 0; i < cuts.size(); i++) {
      StepCut cut = cuts.get(i);
      int place = steps.indexOf(cut.stepsDone());
      for (int by : new int[] {-1, 1}) {
        moves.add(replaced(cuts, i, new StepCut(cut.stepsDone(), cut.keep() + by)));
        if (place + by >= 0 && place + by < steps.size()) {
          moves.add(replaced(cuts, i, new StepCut(steps.get(place + by), cut.keep())));
        }
      }
    }
    return moves;
  }

  private static List<StepCut> replaced(List<StepCut> cuts, int place, StepCut cut) {
    List<StepCut> replaced = new ArrayList<>(cuts);
    replaced.set(place, cut);
    return replaced;
  }

  private static boolean isOrdered(List<StepCut> cuts) {
    return IntStream.range(1, cuts.size())
        .allMatch(
            i ->
                cuts.get(i).stepsDone() > cuts.get(i - 1).stepsDone()
                    && cuts.get(i).keep() <= cuts.get(i - 1).keep());
  }

  /**
   * Evaluates cuts with the maximum number of candidates that the budget pays for; empty if it does
   * not pay for enough.
   */
  private Optional<Found> tried(List<StepCut> cuts, CutReplay replay) {
    return trials.computeIfAbsent(new Trial(List.copyOf(cuts), replay), this::found);
  }

  private Optional<Found> found(Trial trial) {
    check.run();
    List<StepCut> cuts = trial.cuts;
    int last = cuts.isEmpty() ? 0 : cuts.get(cuts.size() - 1).keep();
    if (!cuts.isEmpty() && (last < keep || (last > keep && !rescored))) {
      return Optional.empty();
    }
    List<Integer> decisionSteps = cuts.stream().map(StepCut::stepsDone).toList();
    LinearForecast forecast =
        forecasts.computeIfAbsent(decisionSteps, at -> fit.forecast(signals, at));
    SelectionPlan plan =
        new SelectionPlan(
            trajectories.steps(), cuts, keep, SelectionPolicy.topK(), forecast, rescored);
    int candidates = affordable(plan);
    if (candidates < keep || (!cuts.isEmpty() && candidates <= cuts.get(0).keep())) {
      return Optional.empty();
    }
    RecordedReadings known =
        cuts.isEmpty()
            ? trajectories
            : forecasted.computeIfAbsent(
                decisionSteps, at -> trajectories.forecast(FORECAST, forecast));
    return Optional.of(
        new Found(
            candidates,
            plan,
            cuts.isEmpty() ? List.of() : signals,
            cost(plan, candidates),
            trial.replay.quality(plan, known, candidates)));
  }

  private int affordable(SelectionPlan plan) {
    int most = rescored || !plan.cuts().isEmpty() ? trajectories.candidates() : keep;
    int candidates = 0;
    while (candidates < most && cost(plan, candidates + 1) <= budget + 1e-9) {
      candidates++;
    }
    return candidates;
  }

  /** The maximum cost in denoiser evaluations. */
  private double cost(SelectionPlan plan, int candidates) {
    double scoring = signals.stream().mapToDouble(costs::of).sum();
    return plan.evaluations(candidates)
        + scoring * plan.scored(candidates)
        + costs.finish() * plan.finished(candidates);
  }
}
