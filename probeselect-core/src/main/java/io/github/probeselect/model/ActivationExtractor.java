package io.github.probeselect.model;

import io.github.probeselect.bundle.BundleManifest.Tap;
import java.util.List;

/**
 * Evaluates the denoising network and captures intermediate activations: the same predictions as
 * {@link Denoiser}, and for every {@link Tap} the pooled, projected activation of the conditional
 * branch. Safe for use by several threads.
 */
public interface ActivationExtractor {

  /** The taps of the denoiser, in the order of the bundle. */
  List<Tap> taps();

  /**
   * Evaluates every row of {@code batch} and captures the activations. Row {@code i} of the
   * activations belongs to row {@code i} of the batch, with and without guidance. The caller closes
   * the capture.
   *
   * @throws io.github.probeselect.error.BackendException if the engine fails
   */
  Capture capture(DenoiserBatch batch);

  /**
   * Predictions and activations of one denoiser call.
   *
   * @param predictions one prediction per row
   * @param activations the activations of the same rows
   */
  record Capture(List<Denoiser.Prediction> predictions, Activations activations)
      implements AutoCloseable {

    /** Releases the activations. */
    @Override
    public void close() {
      activations.close();
    }
  }
}
