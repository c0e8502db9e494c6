package io.github.probeselect.djl.training;

import java.util.List;

/**
 * What one prompt's candidates showed at the decision point, and how good they became.
 *
 * @param prompt the prompt
 * @param embeddings the prompt embedding of its prompt, then those of its neighbours
 * @param candidates its candidates
 */
record Example(String prompt, List<float[]> embeddings, List<Seed> candidates) {

  /** Copies the lists. */
  Example {
    embeddings = List.copyOf(embeddings);
    candidates = List.copyOf(candidates);
  }

  /**
   * One candidate.
   *
   * @param seed its seed
   * @param grid stacked taps and folded x0 prediction, {@code [inputChannels, h, w]}
   * @param target the finished image on the probe's grid, {@code [targetChannels, h, w]}
   * @param rewards the metric of the finished image: first for the example's own prompt, then for
   *     each of its neighbours
   */
  @SuppressWarnings("ArrayRecordComponent") // compared by identity, never by value
  record Seed(long seed, float[] grid, float[] target, float[] rewards) {}
}
