package io.github.probeselect.schedule;

import java.util.List;

/**
 * One step of a linear multistep solver, which updates latents x by what the denoiser made of some
 * points of the way:
 *
 * <pre>{@code
 * x_next = latentShare x + outputShare m_0 + sum over k of differenceShares[k] (m_k - m_0)
 * }</pre>
 *
 * <p>m_0 is the output where x is, the other m_k those at other points.
 */
final class MultistepUpdate {

  private final float latentShare;
  private final float outputShare;
  private final float[] differenceShares;

  /** The array belongs to the update from now on. */
  MultistepUpdate(float latentShare, float outputShare, float... differenceShares) {
    this.latentShare = latentShare;
    this.outputShare = outputShare;
    this.differenceShares = differenceShares;
  }

  /** How many outputs it takes besides m_0. */
  int others() {
    return differenceShares.length;
  }

  /** Returns the next latents in a new array; {@code others} has {@link #others()} outputs. */
  float[] apply(float[] latents, float[] output, List<float[]> others) {
    float[] next = new float[latents.length];
    for (int i = 0; i < next.length; i++) {
      next[i] = latentShare * latents[i] + outputShare * output[i];
    }
    for (int k = 0; k < differenceShares.length; k++) {
      float share = differenceShares[k];
      float[] other = others.get(k);
      for (int i = 0; i < next.length; i++) {
        next[i] += share * (other[i] - output[i]);
      }
    }
    return next;
  }
}
