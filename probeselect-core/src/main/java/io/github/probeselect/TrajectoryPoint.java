package io.github.probeselect;

import io.github.probeselect.schedule.SamplerState;

/**
 * A point of a trajectory: the sampler state after some steps. Immutable.
 *
 * @param stepsDone denoising steps done
 * @param state the sampler state that the next step begins with
 * @param x0Prediction the x0 prediction of the last observed step; empty before one was observed
 * @param guidanceGap the guidance gap of that step, {@code NaN} before one was observed
 */
@SuppressWarnings("ArrayRecordComponent") // compared by identity, never by value
record TrajectoryPoint(
    int stepsDone, SamplerState state, float[] x0Prediction, double guidanceGap) {

  float[] latents() {
    return state.latents();
  }

  /** Whether the latents are finite numbers. */
  boolean isFinite() {
    return isFinite(state.latents());
  }

  /** Whether the x0 prediction is finite; otherwise the candidate cannot be scored. */
  boolean canBeScored() {
    return isFinite(x0Prediction);
  }

  private static boolean isFinite(float[] values) {
    for (float value : values) {
      if (!Float.isFinite(value)) {
        return false;
      }
    }
    return true;
  }
}
