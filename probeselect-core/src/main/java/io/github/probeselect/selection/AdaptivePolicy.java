package io.github.probeselect.selection;

import io.github.probeselect.selection.Round.ScoredCandidate;
import java.util.List;

/**
 * Drops the worst of the candidates that may go on for as long as it is sure enough that none of
 * the best is among the dropped. The probabilities of error for all that it drops add up (a union
 * bound, exact for one best).
 */
record AdaptivePolicy(double confidence) implements SelectionPolicy {

  @Override
  public List<ScoredCandidate> select(Round round) {
    List<ScoredCandidate> best = round.bestFirst().subList(0, round.atMost());
    List<ScoredCandidate> scored = best.stream().filter(AdaptivePolicy::isScored).toList();
    AmongTheBest amongTheBest = new AmongTheBest(scored, round.keep());
    double doubt = 0;
    int kept = round.atMost();
    while (kept > round.keep() && isScored(best.get(kept - 1))) {
      doubt += amongTheBest.probability(best.get(kept - 1));
      if (doubt > 1 - confidence) {
        break;
      }
      kept--;
    }
    return best.subList(0, kept);
  }

  private static boolean isScored(ScoredCandidate candidate) {
    return Double.isFinite(candidate.score()) && candidate.deviation() > 0;
  }
}
