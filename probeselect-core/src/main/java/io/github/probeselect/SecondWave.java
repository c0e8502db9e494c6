package io.github.probeselect;

import io.github.probeselect.annotation.Experimental;
import io.github.probeselect.error.InvalidRequestException;
import io.github.probeselect.selection.Round.ScoredCandidate;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Candidates that start only once the first ones have been scored at the first cut, from noise near
 * that of the candidates with the best scores. They are advanced to the cut and scored too, and the
 * cut is made among all candidates. They are part of the n candidates of the request, so the cost
 * does not change.
 *
 * <p>They have the wording and guidance scale of the candidates whose noise they start near.
 *
 * @param share the share of the candidates that form the wave, the last ones of the request, in (0,
 *     1)
 * @param parents the number of best candidates whose noise is varied, cyclically; at least 1
 * @param strength the strength of the variation as in {@link Origin#varied}, in (0, 1]
 */
@Experimental
public record SecondWave(double share, int parents, double strength) {

  /**
   * Checks the ranges.
   *
   * @throws InvalidRequestException if a value is out of range
   */
  public SecondWave {
    if (!(share > 0 && share < 1)) {
      throw new InvalidRequestException(
          "the second wave is a share of the candidates, above 0 and below 1, got " + share);
    }
    if (parents < 1) {
      throw new InvalidRequestException(
          "the second wave starts near at least one of the first, got " + parents);
    }
    if (!(strength > 0 && strength <= 1)) {
      throw new InvalidRequestException(
          "the strength of the second wave is above 0 and at most 1, got " + strength);
    }
  }

  /** The size of the wave among {@code candidates}; at least one candidate is not in it. */
  int size(int candidates) {
    return Math.max(1, Math.min(candidates - 1, (int) Math.round(share * candidates)));
  }

  /**
   * Returns where the waiting candidates start. Their own seeds give the direction from the
   * parents.
   *
   * @param scored the others, scored
   * @param origins theirs, by index
   * @param waiting the seeds of the waiting candidates
   */
  List<Origin> origins(List<ScoredCandidate> scored, List<Origin> origins, List<Long> waiting) {
    List<ScoredCandidate> ranked = ScoredCandidate.bestFirst(scored);
    long finite = ranked.stream().filter(one -> Double.isFinite(one.score())).count();
    List<Origin> best =
        ranked.stream()
            .limit(Math.min(parents, Math.max(1, finite)))
            .map(candidate -> origins.get(candidate.index()))
            .toList();
    return IntStream.range(0, waiting.size())
        .mapToObj(i -> best.get(i % best.size()).varied(waiting.get(i), strength))
        .toList();
  }
}
