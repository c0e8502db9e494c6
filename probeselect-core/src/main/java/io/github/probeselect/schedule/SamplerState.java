package io.github.probeselect.schedule;

import java.util.List;

/**
 * The state of a trajectory between two steps: its latents, and what the sampling rule stores of
 * earlier steps. It belongs to one trajectory, so that dropping a candidate drops its history too.
 *
 * <p>A state is immutable by convention: its arrays are passed without a copy, and no code writes
 * to them. This makes it safe for use by several threads.
 */
public final class SamplerState {

  private final float[] latents;
  private final List<float[]> history;

  private SamplerState(float[] latents, List<float[]> history) {
    this.latents = latents;
    this.history = List.copyOf(history);
  }

  /**
   * Creates a state without history.
   *
   * @param latents not copied, and not to be modified afterwards
   * @return the state
   */
  public static SamplerState of(float[] latents) {
    return new SamplerState(latents, List.of());
  }

  /**
   * Creates a state with history.
   *
   * @param latents not copied, and not to be modified afterwards
   * @param history the history of the sampling rule, the most recent entry first; the arrays are
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
   * The history of a multistep rule: predictions of earlier steps or values derived from them, and
   * latents; a rule such as DDIM, which uses the current step only, has none.
   *
   * @return an unmodifiable list of arrays of the length of the latents, the most recent one first;
   *     not copies
   */
  public List<float[]> history() {
    return history;
  }
}
