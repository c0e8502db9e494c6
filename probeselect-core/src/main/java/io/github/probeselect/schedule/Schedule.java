package io.github.probeselect.schedule;

import io.github.probeselect.error.InvalidRequestException;

/**
 * The way from noise to image in a fixed number of steps. A schedule is an immutable value, and its
 * methods are pure functions of their arguments: one schedule serves any number of trajectories and
 * threads, and a trajectory can be dropped, resumed or repeated at any step.
 *
 * <p>A trajectory is computed as follows:
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
 * method that takes a prediction does so if it has not as many values as the latents. Taking a step
 * with a state that does not remember what the step before left is refused likewise.
 */
public interface Schedule {

  /**
   * The number of steps, each with one denoiser evaluation: the requested number, with PLMS one
   * more, as it takes its first step twice.
   *
   * @return at least 1
   */
  int steps();

  /**
   * The timestep that the denoiser receives at a step.
   *
   * @param step the step, from 0
   * @return the time in the unit that the denoiser was trained with, never rising from step to
   *     step, and not always a whole number
   */
  double timestep(int step);

  /**
   * Returns the initial state of a trajectory, with the noise scaled as the sampling rule requires.
   *
   * @param noise standard normal numbers; not modified, and not to be modified afterwards
   * @return the state before the first step
   */
  SamplerState start(float[] noise);

  /**
   * The latents scaled as the input of the denoiser.
   *
   * @param step the step, from 0
   * @param state the state before the step
   * @return latents, possibly those of the state itself, which must not be modified
   */
  float[] modelInput(int step, SamplerState state);

  /**
   * Takes a step.
   *
   * @param step the step, from 0
   * @param state the state before it, not modified
   * @param prediction what the denoiser, and guidance if any, made of {@link #modelInput}; not
   *     modified
   * @return the state after it
   */
  SamplerState step(int step, SamplerState state, float[] prediction);

  /**
   * The x0 prediction: the image latents (x0) that a denoiser prediction implies, which a preview
   * decodes.
   *
   * @param step the step, from 0
   * @param state the state before the step, not modified
   * @param prediction as for {@link #step}, not modified
   * @return a new array of as many values as the latents
   */
  float[] x0Prediction(int step, SamplerState state, float[] prediction);
}
