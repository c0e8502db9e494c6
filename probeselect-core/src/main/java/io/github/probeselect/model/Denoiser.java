package io.github.probeselect.model;

import java.util.List;
import org.jspecify.annotations.Nullable;

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

  /**
   * The denoiser's prediction for one candidate.
   *
   * @param conditional the prediction under the prompt, one value per latent
   * @param unconditional the prediction under the negative (or empty) prompt; {@code null} if that
   *     branch was not evaluated
   */
  @SuppressWarnings("ArrayRecordComponent") // compared by identity, never by value
  record Prediction(float[] conditional, float @Nullable [] unconditional) {

    /**
     * Classifier-free guidance: {@code u + g * (c - u)} (Ho and Salimans 2022, in the form
     * diffusers uses), or the conditional prediction where there is no unconditional one.
     */
    public float[] guided(double guidanceScale) {
      if (unconditional == null) {
        return conditional;
      }
      float scale = (float) guidanceScale;
      float[] guided = new float[conditional.length];
      for (int i = 0; i < guided.length; i++) {
        guided[i] = unconditional[i] + scale * (conditional[i] - unconditional[i]);
      }
      return guided;
    }

    /**
     * The guidance gap, the mean of {@code (c - u)^2} over the latents: the strength with which the
     * prompt changes the prediction. {@code NaN} without an unconditional prediction.
     */
    public double guidanceGap() {
      if (unconditional == null) {
        return Double.NaN;
      }
      double sum = 0;
      for (int i = 0; i < conditional.length; i++) {
        double gap = (double) conditional[i] - unconditional[i];
        sum += gap * gap;
      }
      return sum / conditional.length;
    }
  }
}
