package io.github.probeselect.selection;

import io.github.probeselect.selection.Round.ScoredCandidate;
import java.util.List;

/**
 * The probability that a candidate is among the best, if every true score is normally distributed
 * around the predicted score with its deviation, independently of the others.
 */
final class AmongTheBest {

  private final List<ScoredCandidate> candidates;
  private final int best;

  /**
   * @param candidates with finite scores and deviations above 0
   * @param best how many candidates count as the best
   */
  AmongTheBest(List<ScoredCandidate> candidates, int best) {
    this.candidates = candidates;
    this.best = best;
  }

  /** The probability that fewer than {@code best} of the others have a higher true score. */
  double probability(ScoredCandidate candidate) {
    double[][] quadrature = NormalDistribution.quadrature();
    double probability = 0;
    for (int i = 0; i < quadrature[0].length; i++) {
      double value = candidate.score() + candidate.deviation() * quadrature[0][i];
      probability += quadrature[1][i] * fewerAreBetter(candidate, value);
    }
    return probability;
  }

  /** The probability of fewer than {@code best} successes, one trial for each rival. */
  private double fewerAreBetter(ScoredCandidate candidate, double value) {
    double[] exactly = new double[best];
    exactly[0] = 1;
    for (ScoredCandidate rival : candidates) {
      if (rival.index() != candidate.index()) {
        double better = 1 - NormalDistribution.below((value - rival.score()) / rival.deviation());
        for (int count = best - 1; count > 0; count--) {
          exactly[count] = exactly[count] * (1 - better) + exactly[count - 1] * better;
        }
        exactly[0] *= 1 - better;
      }
    }
    double sum = 0;
    for (double probability : exactly) {
      sum += probability;
    }
    return sum;
  }
}
