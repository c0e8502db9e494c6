package io.github.probeselect;

import io.github.probeselect.error.InvalidRequestException;
import io.github.probeselect.image.RgbImage;
import io.github.probeselect.selection.Ranking;
import io.github.probeselect.selection.ScoredCandidate;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;

/** Who is finished, and what the caller is told of everyone. */
record Decision(List<Trajectory> kept, List<Candidate> candidates) {

  static Decision of(Plan plan, List<Trajectory> trajectories, List<RgbImage> previews) {
    List<ScoredCandidate> scored = trajectories.stream().map(Trajectory::scored).toList();
    boolean judged = plan.probe() != null;
    List<ScoredCandidate> selected =
        judged ? checked(plan.policy().select(scored, plan.keep()), scored, plan.keep()) : scored;
    int[] ranks = ranks(scored);
    List<Candidate> candidates = new ArrayList<>();
    for (Trajectory trajectory : trajectories) {
      int index = trajectory.index();
      candidates.add(
          new Candidate(
              trajectory.seed(),
              judged ? OptionalDouble.of(trajectory.score()) : OptionalDouble.empty(),
              ranks[index],
              selected.contains(scored.get(index)) ? Outcome.KEPT : Outcome.PRUNED,
              trajectory.guidanceGap(),
              previews.isEmpty() ? Optional.empty() : Optional.of(previews.get(index))));
    }
    List<Trajectory> kept =
        selected.stream().map(candidate -> trajectories.get(candidate.index())).toList();
    return new Decision(kept, List.copyOf(candidates));
  }

  private static int[] ranks(List<ScoredCandidate> scored) {
    int[] ranks = new int[scored.size()];
    int rank = 1;
    for (ScoredCandidate candidate : Ranking.bestFirst(scored)) {
      ranks[candidate.index()] = rank++;
    }
    return ranks;
  }

  private static List<ScoredCandidate> checked(
      @Nullable List<ScoredCandidate> selected, List<ScoredCandidate> candidates, int keep) {
    if (selected == null
        || selected.isEmpty()
        || selected.size() > keep
        || new HashSet<>(selected).size() != selected.size()
        || !candidates.containsAll(selected)) {
      throw new InvalidRequestException(
          "the selection policy returned "
              + selected
              + "; it must return between 1 and "
              + keep
              + " of the candidates it was given, none twice");
    }
    return selected;
  }

  static void checkScores(double @Nullable [] scores, int rows) {
    if (scores == null || scores.length != rows) {
      throw new InvalidRequestException(
          "the probe returned "
              + (scores == null ? "no" : scores.length)
              + " scores for "
              + rows
              + " candidates; it must return one for each");
    }
  }
}
