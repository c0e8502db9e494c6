package io.github.probeselect;

import io.github.probeselect.Candidate.Outcome;
import io.github.probeselect.internal.selection.Standings;
import io.github.probeselect.model.Judgement;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.OptionalDouble;
import java.util.function.IntUnaryOperator;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** What the caller is told of every candidate. */
final class Candidates {

  private Candidates() {}

  /**
   * Puts together what is known.
   *
   * @param stepsDone how many steps a candidate has behind it, or will have, by index
   */
  static List<Candidate> of(
      Standings standings,
      List<Trajectory> trajectories,
      IntUnaryOperator stepsDone,
      Finish finish) {
    int[] ranks = ranks(standings, finish);
    List<Candidate> candidates = new ArrayList<>();
    for (Trajectory trajectory : trajectories) {
      int index = trajectory.index();
      Double finalScore = finish.scores().get(index);
      candidates.add(
          new CandidateValues(
              trajectory.origin(),
              score(standings.judgement(index)),
              ranks[index],
              outcome(standings, trajectory, finish),
              stepsDone.applyAsInt(index),
              standings.readings(index),
              finalScore == null ? OptionalDouble.empty() : OptionalDouble.of(finalScore),
              trajectory.gapAtDecision(),
              trajectory.preview()));
    }
    return List.copyOf(candidates);
  }

  static OptionalDouble score(@Nullable Judgement judgement) {
    return judgement == null ? OptionalDouble.empty() : OptionalDouble.of(judgement.score());
  }

  private static Outcome outcome(Standings standings, Trajectory trajectory, Finish finish) {
    if (!standings.isRunning(trajectory.index())) {
      return Outcome.PRUNED;
    }
    int index = trajectory.index();
    return finish.scores().containsKey(index) && !finish.returned().contains(index)
        ? Outcome.FINISHED
        : Outcome.KEPT;
  }

  /** By index: the finished by the final metric if it was asked, then by what was known early. */
  private static int[] ranks(Standings standings, Finish finish) {
    List<Integer> order = new ArrayList<>(standings.ranked());
    order.sort(
        Comparator.comparingDouble(
            index -> {
              Double score = finish.scores().get(index);
              return score == null
                  ? Double.POSITIVE_INFINITY
                  : Double.isFinite(score) ? 0.0 - score : Double.MAX_VALUE;
            }));
    int[] ranks = new int[order.size()];
    IntStream.range(0, ranks.length).forEach(place -> ranks[order.get(place)] = place + 1);
    return ranks;
  }
}
