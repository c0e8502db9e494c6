package io.github.probeselect.selection;

import java.util.Comparator;
import java.util.List;

/**
 * A candidate and its score at a decision point.
 *
 * @param index its index among the candidates of the request, from 0
 * @param seed its seed
 * @param score its predicted quality, higher is better; {@code NaN} if it could not be scored
 * @param deviation how far off the score may be, as a root mean square error among the seeds of one
 *     prompt; {@code NaN} if that is not known
 * @param readings the scores that the signals have given it so far, the latest last
 */
public record ScoredCandidate(
    int index, long seed, double score, double deviation, List<Reading> readings) {

  /** The order of {@link #bestFirst}: from the best to the worst. */
  public static final Comparator<ScoredCandidate> BEST_FIRST =
      Comparator.comparingDouble(
              (ScoredCandidate candidate) ->
                  Double.isFinite(candidate.score())
                      ? 0.0 - candidate.score()
                      : Double.POSITIVE_INFINITY)
          .thenComparingInt(ScoredCandidate::index);

  /** Copies the list. */
  public ScoredCandidate {
    readings = List.copyOf(readings);
  }

  /** A candidate with a score of unknown deviation and without readings. */
  public ScoredCandidate(int index, long seed, double score) {
    this(index, seed, score, Double.NaN, List.of());
  }

  /**
   * Returns candidates from the best to the worst. Equal scores keep the order of the request;
   * scores that are not finite come last.
   */
  public static List<ScoredCandidate> bestFirst(List<ScoredCandidate> candidates) {
    return candidates.stream().sorted(BEST_FIRST).toList();
  }
}
