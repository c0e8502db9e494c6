package io.github.probeselect.djl.training;

import io.github.probeselect.djl.network.ProbeWeights;

/** The best weights of a training so far, which better ones overwrite. */
final class BestWeights {

  final ProbeWeights weights;
  private double spearman;

  /**
   * The weights that a training begins with.
   *
   * @param spearman their within-prompt Spearman on the validation prompts
   */
  BestWeights(ProbeWeights weights, double spearman) {
    this.weights = weights;
    this.spearman = spearman;
  }

  /** The within-prompt Spearman of the weights on the validation prompts. */
  double spearman() {
    return spearman;
  }

  /** Keeps other weights if they are better. */
  void offer(ProbeWeights other, double itsSpearman) {
    if (itsSpearman > spearman) {
      spearman = itsSpearman;
      weights.arrays().forEach((name, array) -> array.set(other.get(name).toFloatArray()));
    }
  }

  /** Goes on after the epoch that a checkpoint was written after. */
  void restore(TrainingCheckpoint from) {
    from.restore("best", weights.arrays());
    spearman = Double.parseDouble(from.position().spearman());
  }
}
