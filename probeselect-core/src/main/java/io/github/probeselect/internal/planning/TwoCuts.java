package io.github.probeselect.internal.planning;

import io.github.probeselect.internal.recorded.LinearForecast;
import io.github.probeselect.internal.recorded.RecordedReadings;
import io.github.probeselect.planning.Calibration.Point;
import io.github.probeselect.selection.Forecast;
import io.github.probeselect.selection.SelectionPlan;
import io.github.probeselect.selection.SelectionPlan.StepCut;
import io.github.probeselect.selection.SelectionPolicy;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * The reference for plans: an exhaustive search over two cuts within a budget, each by the latest
 * score of one signal. Only denoising is counted, and finished images are scored. The best are
 * replayed with ten times as many draws before one is chosen. Not thread-safe.
 */
public final class TwoCuts {

  private static final int FINALISTS = 20;

  private final RecordedReadings trajectories;
  private final String signal;
  private final CutReplay roughly;
  private final CutReplay exactly;
  private final Map<List<Integer>, RecordedReadings> seen = new HashMap<>();

  /**
   * A plan with two cuts.
   *
   * @param candidates the number of candidates to start
   * @param plan the two cuts
   * @param quality the mean final metric of the returned images
   */
  public record Way(int candidates, SelectionPlan plan, double quality) {}

  /** Creates a search on recorded readings of a signal. */
  public TwoCuts(RecordedReadings trajectories, String signal) {
    this.trajectories = trajectories;
    this.signal = signal;
    this.roughly = new CutReplay(Draws.few(trajectories));
    this.exactly = new CutReplay(Draws.many(trajectories));
  }

  /**
   * Evaluates all plans; numbers of candidates above eight are sampled.
   *
   * @param budget in denoiser evaluations
   * @param keep the number of images wanted
   * @throws java.util.NoSuchElementException if the budget does not pay for any
   */
  public Way best(double budget, int keep) {
    List<Integer> steps =
        trajectories.observedAfter(signal).stream()
            .filter(step -> step < trajectories.steps())
            .toList();
    List<Way> ways = new ArrayList<>();
    for (int first : steps) {
      for (int second : steps.stream().filter(step -> step > first).toList()) {
        cuts(first, second, keep, budget)
            .map(cuts -> way(cuts, keep, budget, roughly))
            .filter(way -> way.candidates > way.plan.cuts().get(0).keep())
            .max(Comparator.comparingDouble(Way::quality))
            .ifPresent(ways::add);
      }
    }
    return ways.stream()
        .sorted(Comparator.comparingDouble(Way::quality).reversed())
        .limit(FINALISTS)
        .map(way -> way(way.plan.cuts(), keep, budget, exactly))
        .max(Comparator.comparingDouble(Way::quality))
        .orElseThrow();
  }

  private Stream<List<StepCut>> cuts(int first, int second, int keep, double budget) {
    int most = (int) Math.min(trajectories.candidates() - 1, budget / first);
    return counts(keep, most)
        .boxed()
        .flatMap(
            before ->
                counts(keep, before)
                    .mapToObj(
                        after -> List.of(new StepCut(first, before), new StepCut(second, after))));
  }

  private static IntStream counts(int least, int most) {
    return IntStream.iterate(least, count -> count <= most, count -> count + 1 + count / 8);
  }

  private Way way(List<StepCut> cuts, int keep, double budget, CutReplay replay) {
    SelectionPlan plan =
        new SelectionPlan(
            trajectories.steps(), cuts, keep, SelectionPolicy.topK(), Forecast.latest(), true);
    StepCut first = cuts.get(0);
    long after = plan.evaluations(first.keep() + 1) - (long) (first.keep() + 1) * first.stepsDone();
    int affordable = (int) Math.floor((budget - after) / first.stepsDone() + 1e-9);
    int candidates = Math.min(trajectories.candidates(), affordable);
    return new Way(
        candidates,
        plan,
        candidates > first.keep() ? replay.quality(plan, seen(cuts), candidates) : Double.NaN);
  }

  /** The signal's readings at the cuts. */
  private RecordedReadings seen(List<StepCut> cuts) {
    List<Integer> at = cuts.stream().map(StepCut::stepsDone).toList();
    return seen.computeIfAbsent(at, steps -> trajectories.forecast("latest", latest(steps)));
  }

  private LinearForecast latest(List<Integer> steps) {
    Map<Integer, LinearForecast.Stage> stages = new HashMap<>();
    for (int step : steps) {
      stages.put(
          step, new LinearForecast.Stage(0, Map.of(new Point(signal, step), 1.0), Double.NaN));
    }
    return new LinearForecast(stages);
  }
}
