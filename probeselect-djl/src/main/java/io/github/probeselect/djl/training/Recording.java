package io.github.probeselect.djl.training;

import io.github.probeselect.image.RgbImage;
import java.util.List;

/**
 * What one prompt's candidates showed at the decision point, and what they became. No metric is
 * part of it, so that the same recordings serve any metric.
 *
 * @param prompt the prompt
 * @param candidates its candidates
 */
record Recording(String prompt, List<Seed> candidates) {

  /** Copies the list. */
  Recording {
    candidates = List.copyOf(candidates);
  }

  /**
   * One candidate.
   *
   * @param seed its seed
   * @param grid stacked taps and folded x0 prediction, {@code [inputChannels, h, w]}
   * @param image the finished image
   */
  @SuppressWarnings("ArrayRecordComponent") // compared by identity, never by value
  record Seed(long seed, float[] grid, RgbImage image) {}
}
