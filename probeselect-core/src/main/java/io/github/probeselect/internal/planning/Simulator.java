package io.github.probeselect.internal.planning;

import io.github.probeselect.Candidate.Outcome;
import io.github.probeselect.internal.recorded.RecordedReadings;
import io.github.probeselect.internal.selection.Selection;
import io.github.probeselect.planning.Calibration;
import io.github.probeselect.planning.Calibration.Point;
import io.github.probeselect.selection.Reading;
import io.github.probeselect.selection.Round;
import io.github.probeselect.selection.Round.ScoredCandidate;
import io.github.probeselect.selection.SelectionPlan;
import java.util.List;
import java.util.OptionalInt;
import java.util.stream.IntStream;

/**
 * Replays a selection on recorded readings: the same decisions, by the same code, as in a live
 * generation of these candidates. Immutable and safe for use by several threads.
 */
public final class Simulator {

  private final RecordedReadings trajectories;

  /** Creates a simulator for recorded readings. */
  public Simulator(RecordedReadings trajectories) {
    this.trajectories = trajectories;
  }

  /**
   * The result of a replayed selection.
   *
   * @param best the returned candidates, best first, by index among the given ones
   * @param quality the mean final metric of the returned candidates; NaN if the policy gave up the
   *     prompt
   * @param evaluations the cost in denoiser evaluations
   * @param scored the number of scored candidates, summed over the decisions
   * @param finished the number of finished candidates
   */
  public record Outcome(
      List<Integer> best, double quality, long evaluations, long scored, int finished) {}

  /**
   * Replays one request.
   *
   * @param signals the signals that score at every cut, in this order
   * @param prompt the index of a recorded prompt
   * @param candidates the indices of its candidates, in the order of the request
   * @throws io.github.probeselect.error.InvalidRequestException if a signal was not recorded at a
   *     cut
   */
  public Outcome run(
      SelectionPlan plan, List<String> signals, int prompt, List<Integer> candidates) {
    Calibration.Prompt group = trajectories.prompts().get(prompt);
    Selection selection = new Selection(plan, candidates.stream().map(Integer::longValue).toList());
    long scored = 0;
    for (OptionalInt next = selection.nextDecision();
        next.isPresent();
        next = selection.nextDecision()) {
      int stepsDone = next.getAsInt();
      List<List<Reading>> newReadings =
          selection.running().stream()
              .map(index -> readings(group, candidates.get(index), signals, stepsDone))
              .toList();
      scored += newReadings.size();
      selection.decide(newReadings, Round.Features.NONE);
    }
    List<Integer> best = best(plan, selection, group, candidates);
    double quality =
        best.stream()
            .mapToDouble(index -> group.finals()[candidates.get(index)])
            .average()
            .orElse(Double.NaN);
    return new Outcome(
        best, quality, selection.evaluationsAtMost(), scored, selection.running().size());
  }

  private List<Reading> readings(
      Calibration.Prompt group, int candidate, List<String> signals, int stepsDone) {
    return signals.stream()
        .map(signal -> new Point(signal, stepsDone))
        .map(point -> trajectories.reading(group, candidate, point))
        .toList();
  }

  private static List<Integer> best(
      SelectionPlan plan, Selection selection, Calibration.Prompt group, List<Integer> candidates) {
    if (!plan.rescored()) {
      return selection.chosen();
    }
    List<Integer> running = selection.chosen();
    List<ScoredCandidate> finished =
        IntStream.range(0, running.size())
            .mapToObj(
                place -> {
                  int candidate = candidates.get(running.get(place));
                  return new ScoredCandidate(place, candidate, group.finals()[candidate]);
                })
            .toList();
    return ScoredCandidate.bestFirst(finished).stream()
        .limit(plan.keep())
        .map(candidate -> running.get(candidate.index()))
        .toList();
  }
}
