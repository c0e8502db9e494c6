package io.github.probeselect;

import io.github.probeselect.Candidate.Outcome;
import io.github.probeselect.internal.selection.SelectionState;
import io.github.probeselect.model.Score;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.OptionalDouble;
import java.util.function.IntUnaryOperator;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Builds the {@link Candidate} values of a result. */
final class Candidates {

  private Candidates() {}

  /**
   * Combines selection state, trajectories and finished images.
   *
   * @param stepsDone steps done by a candidate, or to be done once it is finished, by index
   */
  static List<Candidate> of(
      SelectionState selectionState,
      List<Trajectory> trajectories,
      IntUnaryOperator stepsDone,
      FinishedImages finish) {
    int[] ranks = ranks(selectionState, finish);
    List<Candidate> candidates = new ArrayList<>();
    for (Trajectory trajectory : trajectories) {
      int index = trajectory.index();
      Double finalScore = finish.scores().get(index);
      candidates.add(
          new CandidateValues(
              trajectory.origin(),
              score(selectionState.score(index)),
              ranks[index],
              outcome(selectionState, trajectory, finish),
              stepsDone.applyAsInt(index),
              trajectory.settings().scheduleSteps(),
              selectionState.readings(index),
              finalScore == null ? OptionalDouble.empty() : OptionalDouble.of(finalScore),
              trajectory.gapAtDecision(),
              trajectory.preview()));
    }
    return List.copyOf(candidates);
  }

  static OptionalDouble score(@Nullable Score score) {
    return score == null ? OptionalDouble.empty() : OptionalDouble.of(score.value());
  }

  private static Outcome outcome(
      SelectionState selectionState, Trajectory trajectory, FinishedImages finish) {
    if (!selectionState.isRunning(trajectory.index())) {
      return Outcome.PRUNED;
    }
    int index = trajectory.index();
    return finish.scores().containsKey(index) && !finish.returned().contains(index)
        ? Outcome.FINISHED
        : Outcome.KEPT;
  }

  /** Ranks by index: candidates with a final score first, by that, then by the early ranking. */
  private static int[] ranks(SelectionState selectionState, FinishedImages finish) {
    List<Integer> order = new ArrayList<>(selectionState.ranked());
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
