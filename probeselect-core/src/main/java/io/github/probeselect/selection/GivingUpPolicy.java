package io.github.probeselect.selection;

import io.github.probeselect.selection.Round.ScoredCandidate;
import java.util.List;

/**
 * Keeps no candidate if none is likely to reach a given score; otherwise applies another policy.
 */
record GivingUpPolicy(SelectionPolicy other, double score, double confidence)
    implements SelectionPolicy {

  @Override
  public boolean readsFeatures() {
    return other.readsFeatures();
  }

  @Override
  public List<ScoredCandidate> select(Round round) {
    double none = 1;
    boolean scored = false;
    for (ScoredCandidate candidate : round.candidates()) {
      if (Double.isFinite(candidate.score())) {
        none *= 1 - reaches(candidate);
        scored = true;
      }
    }
    return scored && none >= confidence ? List.of() : other.select(round);
  }

  private double reaches(ScoredCandidate candidate) {
    if (!(candidate.deviation() > 0)) {
      return candidate.score() >= score ? 1 : 0;
    }
    return NormalDistribution.below((candidate.score() - score) / candidate.deviation());
  }
}
