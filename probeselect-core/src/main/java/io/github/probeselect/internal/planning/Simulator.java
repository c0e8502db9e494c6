package io.github.probeselect.internal.planning;

import io.github.probeselect.Candidate.Outcome;
import io.github.probeselect.internal.recorded.RecordedPoint;
import io.github.probeselect.internal.recorded.Trajectories;
import io.github.probeselect.internal.selection.Selection;
import io.github.probeselect.selection.Reading;
import io.github.probeselect.selection.Round;
import io.github.probeselect.selection.ScoredCandidate;
import io.github.probeselect.selection.SelectionPlan;
import java.util.List;
import java.util.OptionalInt;
import java.util.stream.IntStream;

/**
 * Replays a selection on recorded trajectories: the same decisions, by the same code, as a live
 * generation of these candidates makes. Immutable and safe for use by several threads.
 */
public final class Simulator {

  private final Trajectories trajectories;

  /** Replays on these. */
  public Simulator(Trajectories trajectories) {
    this.trajectories = trajectories;
  }

  /**
   * What a replayed selection came to.
   *
   * @param best the candidates that are returned, best first, by their place among the given ones
   * @param quality the mean final metric of these; NaN if the policy gave up
   * @param evaluations denoiser evaluations spent
   * @param judged how many candidates were judged, summed over the decisions
   * @param finished how many were finished
   */
  public record Outcome(
      List<Integer> best, double quality, long evaluations, long judged, int finished) {}

  /**
   * Replays one request.
   *
   * @param signals who is asked at every cut, in this order
   * @param prompt which of the recorded prompts
   * @param candidates which of its candidates, in the order of the request
   * @throws io.github.probeselect.error.InvalidRequestException if a signal was not read at a cut
   */
  public Outcome run(
      SelectionPlan plan, List<String> signals, int prompt, List<Integer> candidates) {
    Trajectories.Group group = trajectories.prompts().get(prompt);
    Selection selection = new Selection(plan, candidates.stream().map(Integer::longValue).toList());
    long judged = 0;
    for (OptionalInt next = selection.nextDecision();
        next.isPresent();
        next = selection.nextDecision()) {
      int stepsDone = next.getAsInt();
      List<List<Reading>> said =
          selection.running().stream()
              .map(index -> readings(group, candidates.get(index), signals, stepsDone))
              .toList();
      judged += said.size();
      selection.decide(said, Round.Features.NONE);
    }
    List<Integer> best = best(plan, selection, group, candidates);
    double quality =
        best.stream()
            .mapToDouble(index -> group.finals()[candidates.get(index)])
            .average()
            .orElse(Double.NaN);
    return new Outcome(
        best, quality, selection.evaluationsAtMost(), judged, selection.running().size());
  }

  private List<Reading> readings(
      Trajectories.Group group, int candidate, List<String> signals, int stepsDone) {
    return signals.stream()
        .map(signal -> new RecordedPoint(signal, stepsDone))
        .map(point -> trajectories.reading(group, candidate, point))
        .toList();
  }

  private static List<Integer> best(
      SelectionPlan plan, Selection selection, Trajectories.Group group, List<Integer> candidates) {
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
