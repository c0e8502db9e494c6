package io.github.probeselect;

import io.github.probeselect.error.InvalidRequestException;
import io.github.probeselect.selection.ScoredCandidate;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Candidates that start only once the others have been judged for the first time, from noise near
 * those that looked best. They catch up, are judged like the others, and the first cut is made
 * among all. They are among the n candidates of the request, so what is spent does not change.
 *
 * <p>Wording and guidance scale they have from those they start near.
 *
 * @param share which share of the candidates, the last ones, in (0, 1)
 * @param parents near how many of the best they start, taking turns; at least 1
 * @param strength how far away, as {@link Origin#varied} has it, in (0, 1]
 */
public record SecondWave(double share, int parents, double strength) {

  /**
   * Checks the ranges.
   *
   * @throws InvalidRequestException if one is left
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

  /** How many of so many candidates wait for the others; at least one does not. */
  int size(int candidates) {
    return Math.max(1, Math.min(candidates - 1, (int) Math.round(share * candidates)));
  }

  /**
   * Returns where the waiting candidates start. Their own seeds give the direction from the
   * parents.
   *
   * @param judged the others, judged
   * @param origins theirs, by index
   * @param waiting the seeds of the waiting candidates
   */
  List<Origin> origins(List<ScoredCandidate> judged, List<Origin> origins, List<Long> waiting) {
    List<ScoredCandidate> ranked = ScoredCandidate.bestFirst(judged);
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
