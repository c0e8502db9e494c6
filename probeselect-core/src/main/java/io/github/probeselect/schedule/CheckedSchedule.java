package io.github.probeselect.schedule;

import io.github.probeselect.error.InvalidRequestException;

/**
 * A schedule with known timesteps: it checks every argument; subclasses implement the arithmetic.
 */
abstract class CheckedSchedule implements Schedule {

  private final double[] timesteps;

  /** One timestep for each step; the array belongs to the schedule from now on. */
  CheckedSchedule(double[] timesteps) {
    this.timesteps = timesteps;
  }

  /** The latents scaled as the input of the denoiser. */
  float[] input(int step, float[] latents) {
    return latents;
  }

  /** The image latents that a prediction amounts to. */
  abstract float[] original(int step, float[] latents, float[] prediction);

  /** The state after the step. */
  abstract SamplerState next(int step, SamplerState state, float[] prediction);

  /** How many arrays the state before the step remembers. */
  int remembered(int step) {
    return 0;
  }

  @Override
  public final int steps() {
    return timesteps.length;
  }

  @Override
  public final double timestep(int step) {
    requireStep(step);
    return timesteps[step];
  }

  @Override
  public SamplerState start(float[] noise) {
    return SamplerState.of(noise);
  }

  @Override
  public final float[] modelInput(int step, SamplerState state) {
    requireStep(step);
    return input(step, state.latents());
  }

  @Override
  public final SamplerState step(int step, SamplerState state, float[] prediction) {
    requireStep(step);
    requireSameLength(step, state, prediction);
    if (state.history().size() != remembered(step)) {
      throw new InvalidRequestException(
          "the state before step "
              + step
              + " remembers "
              + state.history().size()
              + " arrays, not "
              + remembered(step)
              + "; it must be the state that the step before returned");
    }
    return next(step, state, prediction);
  }

  @Override
  public final float[] x0Prediction(int step, SamplerState state, float[] prediction) {
    requireStep(step);
    requireSameLength(step, state, prediction);
    return original(step, state.latents(), prediction);
  }

  private void requireStep(int step) {
    if (step < 0 || step >= timesteps.length) {
      throw new InvalidRequestException(
          "step " + step + " is not one of the " + timesteps.length + " steps from 0");
    }
  }

  private static void requireSameLength(int step, SamplerState state, float[] prediction) {
    if (prediction.length != state.latents().length) {
      throw new InvalidRequestException(
          "the prediction at step "
              + step
              + " has "
              + prediction.length
              + " values for "
              + state.latents().length
              + " latents; it must have as many");
    }
  }
}
