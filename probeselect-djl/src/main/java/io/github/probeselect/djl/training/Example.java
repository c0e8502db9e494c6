package io.github.probeselect.djl.training;

import io.github.probeselect.djl.probe.ProbeShape;
import java.util.List;

/**
 * The inputs and targets of one prompt's candidates.
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

  /** The same with masked inputs. */
  Example showing(InputMask shown, ProbeShape shape) {
    List<Seed> less =
        candidates.stream()
            .map(
                seed ->
                    new Seed(
                        seed.seed,
                        seed.grids.stream().map(grid -> shown.of(grid, shape)).toList(),
                        seed.target,
                        seed.scores))
            .toList();
    return new Example(prompt, embedding, less);
  }

  /**
   * One candidate.
   *
   * @param seed its seed
   * @param grids at each fraction the stacked taps and the pixel-unshuffled x0 prediction, {@code
   *     [inputChannels, h, w]}
   * @param target the finished image on the probe's grid, {@code [targetChannels, h, w]}, 0 to 255
   * @param scores the score of each metric for the finished image
   */
  @SuppressWarnings("ArrayRecordComponent") // compared by identity, never by value
  record Seed(long seed, List<float[]> grids, byte[] target, double[] scores) {}
}
