package io.github.probeselect.schedule;

import io.github.probeselect.error.InvalidRequestException;

/**
 * The way from noise to image in a fixed number of steps. A schedule is an immutable value, and its
 * methods are pure functions of their arguments: one schedule serves any number of trajectories and
 * threads, and a trajectory can be dropped, carried on or repeated at any step.
 *
 * <p>A trajectory is walked like this:
 *
 * <pre>{@code
 * SamplerState state = schedule.start(noise);
 * for (int step = 0; step < schedule.steps(); step++) {
 *   float[] input = schedule.modelInput(step, state);
 *   float[] prediction = denoise(input, schedule.timestep(step));
 *   state = schedule.step(step, state, prediction);
 * }
 * float[] imageLatents = state.latents();
 * }</pre>
 *
 * <p>Latents may be of one image or of several, in any layout: every element is treated alike.
 * Values that are not finite pass through as floating-point arithmetic has it. Every method that
 * takes a step throws {@link InvalidRequestException} unless {@code 0 <= step < steps()}, and every
 * method that takes a prediction does so if it has not as many values as the latents.
 */
public interface Schedule {

  /** The number of steps, at least 1. */
  int steps();

  /** The time that the denoiser is told at a step, in the unit it was trained with. */
  double timestep(int step);

  /**
   * Returns the state before the first step.
   *
   * @param noise standard normal numbers; not modified, and not to be modified afterwards
   */
  SamplerState start(float[] noise);

  /**
   * Returns the latents as the denoiser wants to see them at a step. They may be those of the state
   * itself and must not be modified.
   */
  float[] modelInput(int step, SamplerState state);

  /**
   * Returns the state after a step.
   *
   * @param state the state before it, not modified
   * @param prediction what the denoiser, and guidance if any, made of {@link #modelInput}; not
   *     modified
   */
  SamplerState step(int step, SamplerState state, float[] prediction);

  /**
   * Returns the image latents (x0) that the prediction at a step amounts to: what a preview decodes.
   *
   * @param state the state before the step, not modified
   * @param prediction as for {@link #step}, not modified
   */
  float[] originalPrediction(int step, SamplerState state, float[] prediction);
}
