package io.github.probeselect;

import io.github.probeselect.model.Judgement;
import io.github.probeselect.selection.Selection;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.OptionalDouble;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** What the caller is told of every candidate. */
final class Candidates {

  private Candidates() {}

  static List<Candidate> of(
      Plan plan, Selection selection, List<Trajectory> trajectories, Finish finish) {
    int[] ranks = ranks(selection, trajectories, finish);
    List<Candidate> candidates = new ArrayList<>();
    for (Trajectory trajectory : trajectories) {
      int index = trajectory.index();
      Double finalScore = finish.scores().get(trajectory.seed());
      candidates.add(
          new Candidate(
              trajectory.seed(),
              score(selection.judgement(index)),
              ranks[index],
              outcome(selection, trajectory, finish),
              selection.stepsDone(index),
              selection.readings(index),
              finalScore == null ? OptionalDouble.empty() : OptionalDouble.of(finalScore),
              trajectory.gapAtDecision(),
              trajectory.preview()));
    }
    return List.copyOf(candidates);
  }

  private static OptionalDouble score(@Nullable Judgement judgement) {
    return judgement == null ? OptionalDouble.empty() : OptionalDouble.of(judgement.score());
  }

  private static Outcome outcome(Selection selection, Trajectory trajectory, Finish finish) {
    if (!selection.running().contains(trajectory.index())) {
      return Outcome.PRUNED;
    }
    boolean returned =
        finish.scores().isEmpty()
            || finish.best().stream().anyMatch(image -> image.seed() == trajectory.seed());
    return returned ? Outcome.KEPT : Outcome.FINISHED;
  }

  /** By index: the finished by the final metric if it was asked, then by what was known early. */
  private static int[] ranks(Selection selection, List<Trajectory> trajectories, Finish finish) {
    List<Integer> order = new ArrayList<>(selection.ranked());
    order.sort(
        Comparator.comparingDouble(
            index -> {
              Double score = finish.scores().get(trajectories.get(index).seed());
              return score == null
                  ? Double.POSITIVE_INFINITY
                  : Double.isFinite(score) ? 0.0 - score : Double.MAX_VALUE;
            }));
    int[] ranks = new int[order.size()];
    IntStream.range(0, ranks.length).forEach(place -> ranks[order.get(place)] = place + 1);
    return ranks;
  }
}
