package io.github.probeselect.selection;

import java.util.List;

/**
 * Drops who is sure enough not to be among the best, and no more than that. Whoever has a higher
 * score than one who goes on goes on too, however small its deviation.
 */
record AdaptivePolicy(double confidence) implements SelectionPolicy {

  @Override
  public List<ScoredCandidate> select(Round round) {
    List<ScoredCandidate> best = round.bestFirst();
    List<ScoredCandidate> judged = best.stream().filter(AdaptivePolicy::isJudged).toList();
    AmongTheBest amongTheBest = new AmongTheBest(judged, round.keep());
    int keep = round.keep();
    for (int place = round.keep(); place < round.atMost(); place++) {
      ScoredCandidate candidate = best.get(place);
      if (!isJudged(candidate) || amongTheBest.probability(candidate) >= 1 - confidence) {
        keep = place + 1;
      }
    }
    return best.subList(0, keep);
  }

  private static boolean isJudged(ScoredCandidate candidate) {
    return Double.isFinite(candidate.score()) && candidate.deviation() > 0;
  }
}
