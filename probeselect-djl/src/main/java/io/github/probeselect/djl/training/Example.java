package io.github.probeselect.djl.training;

import java.util.List;

/**
 * What one prompt's candidates showed at the decision point, and how good they became.
 *
 * @param prompt the prompt
 * @param embedding its prompt embedding
 * @param candidates its candidates
 */
@SuppressWarnings("ArrayRecordComponent") // compared by identity, never by value
record Example(String prompt, float[] embedding, List<Seed> candidates) {

  /** Copies the list. */
  Example {
    candidates = List.copyOf(candidates);
  }

  /**
   * One candidate.
   *
   * @param seed its seed
   * @param grid stacked taps and folded x0 prediction, {@code [inputChannels, h, w]}
   * @param target the finished image on the probe's grid, {@code [targetChannels, h, w]}
   * @param reward the metric of the finished image
   */
  @SuppressWarnings("ArrayRecordComponent") // compared by identity, never by value
  record Seed(long seed, float[] grid, float[] target, double reward) {}
}
