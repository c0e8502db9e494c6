package io.github.probeselect.schedule;

import java.util.List;

/**
 * Where a trajectory is between two steps: its latents, and what the sampling rule remembers of
 * earlier steps. It belongs to one trajectory, so that dropping a candidate drops its memory too.
 *
 * <p>A state is immutable by convention: its arrays are handed over without a copy, and nobody
 * writes to them. Kept to, this makes it safe for use by several threads.
 */
public final class SamplerState {

  private final float[] latents;
  private final List<float[]> history;

  private SamplerState(float[] latents, List<float[]> history) {
    this.latents = latents;
    this.history = List.copyOf(history);
  }

  /**
   * Creates a state without memory.
   *
   * @param latents not copied, and not to be modified afterwards
   * @return the state
   */
  public static SamplerState of(float[] latents) {
    return new SamplerState(latents, List.of());
  }

  /**
   * Creates a state with memory.
   *
   * @param latents not copied, and not to be modified afterwards
   * @param history what the sampling rule remembers, the most recent entry first; the arrays are
   *     not copied, and not to be modified afterwards
   * @return the state
   */
  public static SamplerState of(float[] latents, List<float[]> history) {
    return new SamplerState(latents, history);
  }

  /**
   * The latents, in the layout of the noise that the trajectory started from.
   *
   * @return not a copy
   */
  public float[] latents() {
    return latents;
  }

  /**
   * What a multistep rule remembers of earlier steps: predictions or what it made of them, and
   * latents; a rule such as DDIM, which looks at the current step only, remembers nothing.
   *
   * @return an unmodifiable list of arrays of the length of the latents, the most recent one first;
   *     not copies
   */
  public List<float[]> history() {
    return history;
  }
}
