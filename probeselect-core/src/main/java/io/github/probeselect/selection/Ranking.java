package io.github.probeselect.selection;

import java.util.Comparator;
import java.util.List;

/** The order of candidates by score. */
public final class Ranking {

  static final Comparator<ScoredCandidate> ORDER =
      Comparator.comparingDouble(
              (ScoredCandidate candidate) ->
                  Double.isFinite(candidate.score())
                      ? 0.0 - candidate.score()
                      : Double.POSITIVE_INFINITY)
          .thenComparingInt(ScoredCandidate::index);

  private Ranking() {}

  /**
   * Returns the candidates from the best to the worst. Equal scores keep the order of the request;
   * scores that are not finite come last.
   */
  public static List<ScoredCandidate> bestFirst(List<ScoredCandidate> candidates) {
    return candidates.stream().sorted(ORDER).toList();
  }
}
