package io.github.probeselect;

import io.github.probeselect.schedule.SamplerState;

/**
 * Where a trajectory is after a step. Immutable.
 *
 * @param stepsDone how many steps it has behind it
 * @param state what the next step begins with
 * @param originalPrediction the x0 prediction when it was looked at last; empty before
 * @param guidanceGap the guidance gap then, {@code NaN} before
 */
@SuppressWarnings("ArrayRecordComponent") // compared by identity, never by value
record Moment(int stepsDone, SamplerState state, float[] originalPrediction, double guidanceGap) {

  float[] latents() {
    return state.latents();
  }

  /** Whether the latents are finite numbers. */
  boolean isFinite() {
    return isFinite(state.latents());
  }

  /** Whether the x0 prediction is; a trajectory that has left the numbers cannot be scored. */
  boolean canBeScored() {
    return isFinite(originalPrediction);
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
