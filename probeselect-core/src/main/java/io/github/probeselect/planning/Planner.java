package io.github.probeselect.planning;

import io.github.probeselect.error.InvalidRequestException;
import io.github.probeselect.selection.Forecast;
import io.github.probeselect.selection.SelectionPlan;
import io.github.probeselect.selection.SelectionPlan.StepCut;
import io.github.probeselect.selection.SelectionPolicy;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Finds out how a budget is spent best, by replaying plans on recorded trajectories: how many
 * candidates to start, where to cut, how many to keep, whom to ask. It begins with plain full runs,
 * adds the cut that brings most, and goes on as long as another cut, or another place for one,
 * pays. Immutable and safe for use by several threads.
 */
public final class Planner {

  /** Of the distance from a random to the best recorded candidate: less is not worth a cut. */
  private static final double WORTHWHILE = 0.0002;

  private static final int MOST_CUTS = 6;
  private static final int BEAM = 3;
  private static final String FORECAST = "forecast";

  private final Trajectories trajectories;
  private final Costs costs;
  private final boolean rescored;
  private final ForecastFit fit;
  private final Draws draws;

  /**
   * Plans from recorded trajectories.
   *
   * @param rescored whether finished images can be scored by the metric before the best are
   *     returned
   */
  public Planner(Trajectories trajectories, Costs costs, boolean rescored) {
    this.trajectories = trajectories;
    this.costs = costs;
    this.rescored = rescored;
    this.fit = new ForecastFit(trajectories);
    this.draws = new Draws(trajectories);
  }

  /** A plan with the mean quality that it came to. */
  private record Tried(int candidates, SelectionPlan plan, List<String> signals, double quality) {}

  /**
   * Plans for a budget, asking any of the recorded signals, alone or all together.
   *
   * @param keep how many candidates are wanted
   * @throws InvalidRequestException if the budget does not pay for that many
   */
  public Proposal plan(Budget budget, int keep) {
    List<String> all = trajectories.signals();
    Stream<List<String>> choices = all.stream().map(List::of);
    return plan(
        budget, keep, (all.size() > 1 ? Stream.concat(choices, Stream.of(all)) : choices).toList());
  }

  /**
   * Plans for a budget.
   *
   * @param choices which signals may be asked together; the best choice is taken
   * @throws InvalidRequestException if the budget does not pay for that many
   */
  public Proposal plan(Budget budget, int keep, List<List<String>> choices) {
    double evaluations = budget.evaluations(trajectories.steps(), costs);
    Tried plain =
        tried(evaluations, keep, List.of(), List.of())
            .orElseThrow(
                () ->
                    new InvalidRequestException(
                        "a budget of %.1f denoiser evaluations does not pay for %d finished images of %d steps; raise it or keep fewer"
                            .formatted(evaluations, keep, trajectories.steps())));
    Tried best =
        choices.stream()
            .map(signals -> search(evaluations, keep, signals, plain))
            .max(Comparator.comparingDouble(Tried::quality))
            .orElse(plain);
    return proposal(evaluations, polished(evaluations, keep, best.signals, best, true), plain);
  }

  private Tried search(double budget, int keep, List<String> signals, Tried plain) {
    double worthwhile = WORTHWHILE * (perfect(trajectories.candidates()) - atRandom());
    List<Tried> beam = List.of(plain);
    Tried best = plain;
    for (int cuts = 1; cuts <= MOST_CUTS; cuts++) {
      beam =
          beam.stream()
              .flatMap(tried -> withAnotherCut(budget, keep, signals, tried))
              .sorted(Comparator.comparingDouble(Tried::quality).reversed())
              .limit(BEAM)
              .map(tried -> polished(budget, keep, signals, tried, false))
              .sorted(Comparator.comparingDouble(Tried::quality).reversed())
              .toList();
      if (beam.isEmpty()) {
        break;
      }
      Tried longer = polished(budget, keep, signals, beam.get(0), true);
      if (longer.quality < best.quality + worthwhile) {
        break;
      }
      best = longer;
    }
    return best;
  }

  private Stream<Tried> withAnotherCut(double budget, int keep, List<String> signals, Tried tried) {
    List<StepCut> cuts = tried.plan.cuts();
    return steps(signals).stream()
        .filter(step -> cuts.stream().noneMatch(cut -> cut.stepsDone() == step))
        .flatMap(
            step -> {
              int place = (int) cuts.stream().filter(cut -> cut.stepsDone() < step).count();
              int least = place < cuts.size() ? cuts.get(place).keep() : keep;
              int most =
                  place > 0 ? cuts.get(place - 1).keep() : Math.max(least, tried.candidates * 2);
              return counts(least, most)
                  .mapToObj(
                      count -> {
                        List<StepCut> longer = new ArrayList<>(cuts);
                        longer.add(place, new StepCut(step, count));
                        return longer;
                      });
            })
        .map(longer -> tried(budget, keep, signals, longer))
        .flatMap(Optional::stream);
  }

  /** Numbers in a range, further apart the higher they are. */
  private static IntStream counts(int least, int most) {
    return IntStream.iterate(least, count -> count <= most, count -> count + 1 + count / 4);
  }

  /**
   * Moves cuts to neighbouring steps and numbers as long as that brings something.
   *
   * @param two whether two moves at once are tried where one brings nothing
   */
  private Tried polished(double budget, int keep, List<String> signals, Tried tried, boolean two) {
    Tried best = tried;
    for (Tried next = best; next != null; next = better(budget, keep, signals, best, two)) {
      best = next;
    }
    return best;
  }

  private @Nullable Tried better(
      double budget, int keep, List<String> signals, Tried best, boolean two) {
    List<Integer> steps = best.plan.cuts().isEmpty() ? List.of() : steps(signals);
    Set<List<StepCut>> near = new LinkedHashSet<>(moves(best.plan.cuts(), steps));
    Tried found = best(budget, keep, signals, near);
    if (two && (found == null || found.quality <= best.quality)) {
      Set<List<StepCut>> further = new LinkedHashSet<>();
      near.forEach(cuts -> further.addAll(moves(cuts, steps)));
      further.removeAll(near);
      found = best(budget, keep, signals, further);
    }
    return found != null && found.quality > best.quality ? found : null;
  }

  private @Nullable Tried best(
      double budget, int keep, List<String> signals, Set<List<StepCut>> among) {
    return among.stream()
        .filter(Planner::isOrdered)
        .map(cuts -> tried(budget, keep, signals, cuts))
        .flatMap(Optional::stream)
        .max(Comparator.comparingDouble(Tried::quality))
        .orElse(null);
  }

  private static List<List<StepCut>> moves(List<StepCut> cuts, List<Integer> steps) {
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

  /** The steps after which all of these signals were read, the last one, when all is known, not. */
  private List<Integer> steps(List<String> signals) {
    return trajectories.observedAfter(signals.get(0)).stream()
        .filter(step -> step < trajectories.steps())
        .filter(
            step ->
                signals.stream()
                    .allMatch(signal -> trajectories.observedAfter(signal).contains(step)))
        .toList();
  }

  /** Tries cuts with as many candidates as the budget pays for; empty if it does not for enough. */
  private Optional<Tried> tried(double budget, int keep, List<String> signals, List<StepCut> cuts) {
    int last = cuts.isEmpty() ? 0 : cuts.get(cuts.size() - 1).keep();
    if (!cuts.isEmpty() && (last < keep || (last > keep && !rescored))) {
      return Optional.empty();
    }
    int candidates = affordable(budget, keep, signals, cuts);
    if (candidates < keep || (!cuts.isEmpty() && candidates <= cuts.get(0).keep())) {
      return Optional.empty();
    }
    LinearForecast forecast = fit.forecast(signals, cuts.stream().map(StepCut::stepsDone).toList());
    SelectionPlan plan =
        new SelectionPlan(
            trajectories.steps(), cuts, keep, SelectionPolicy.topK(), forecast, rescored);
    return Optional.of(
        new Tried(candidates, plan, signals, quality(candidates, cuts, keep, forecast)));
  }

  private int affordable(double budget, int keep, List<String> signals, List<StepCut> cuts) {
    int most = rescored || !cuts.isEmpty() ? trajectories.candidates() : keep;
    int candidates = 0;
    while (candidates < most && cost(candidates + 1, keep, signals, cuts) <= budget + 1e-9) {
      candidates++;
    }
    return candidates;
  }

  /** What it costs at the most, in denoiser evaluations. */
  private double cost(int candidates, int keep, List<String> signals, List<StepCut> cuts) {
    double judging = signals.stream().mapToDouble(costs::of).sum();
    double cost = 0;
    int running = candidates;
    int done = 0;
    for (StepCut cut : cuts) {
      if (running > keep) {
        cost += running * (cut.stepsDone() - done + judging);
        done = cut.stepsDone();
        running = Math.min(running, cut.keep());
      }
    }
    return cost + running * (trajectories.steps() - done + costs.finish());
  }

  /** Forecasts do not depend on who else runs, so they are made once and not at every draw. */
  private double quality(int candidates, List<StepCut> cuts, int keep, LinearForecast forecast) {
    Trajectories known = cuts.isEmpty() ? trajectories : trajectories.forecast(FORECAST, forecast);
    SelectionPlan plan =
        new SelectionPlan(
            trajectories.steps(), cuts, keep, SelectionPolicy.topK(), Forecast.latest(), rescored);
    Simulator simulator = new Simulator(known);
    return draws.all().stream()
        .mapToDouble(
            draw ->
                simulator
                    .run(
                        plan, List.of(FORECAST), draw.prompt(), draw.order().subList(0, candidates))
                    .quality())
        .average()
        .orElseThrow();
  }

  private double atRandom() {
    return draws.all().stream()
        .mapToDouble(
            draw -> trajectories.prompts().get(draw.prompt()).finals()[draw.order().get(0)])
        .average()
        .orElseThrow();
  }

  private double perfect(int candidates) {
    return draws.all().stream()
        .mapToDouble(
            draw ->
                draw.order().subList(0, candidates).stream()
                    .mapToDouble(i -> trajectories.prompts().get(draw.prompt()).finals()[i])
                    .max()
                    .orElseThrow())
        .average()
        .orElseThrow();
  }

  private Proposal proposal(double budget, Tried best, Tried plain) {
    return new Proposal(
        best.candidates,
        best.plan,
        best.plan.cuts().isEmpty() ? List.of() : best.signals,
        budget,
        cost(best.candidates, best.plan.keep(), best.signals, best.plan.cuts()),
        best.quality,
        atRandom(),
        plain.quality,
        plain.candidates,
        perfect(best.candidates));
  }
}
