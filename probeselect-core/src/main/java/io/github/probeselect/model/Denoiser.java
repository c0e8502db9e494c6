package io.github.probeselect.model;

import java.util.List;

/** Evaluates the denoising network. Safe for use by several threads. */
@FunctionalInterface
public interface Denoiser {

  /**
   * Evaluates every row of {@code batch} once per guidance branch.
   *
   * @return one prediction per row, in the order of the rows
   * @throws io.github.probeselect.error.BackendException if the engine fails
   */
  List<Prediction> predict(DenoiserBatch batch);
}
