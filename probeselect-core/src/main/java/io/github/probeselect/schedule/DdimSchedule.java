package io.github.probeselect.schedule;

import io.github.probeselect.error.InvalidRequestException;

/**
 * A walk by equation 12 of Song et al., "Denoising Diffusion Implicit Models" (2020), with sigma =
 * 0:
 *
 * <pre>{@code
 * x_next = sqrt(alpha_next) x_0 + sqrt(1 - alpha_next) eps
 * }</pre>
 *
 * where x_0 and eps are what the prediction at the current latents amounts to, and alpha is the
 * cumulative product of the training alphas. Single precision throughout, one rounding per
 * operation, so that the numbers are the same bits on every platform.
 */
final class DdimSchedule implements Schedule {

  private final int[] timesteps;
  private final float[] alphas;
  private final float[] nextAlphas;
  private final PredictionType type;
  private final float clipRange;

  /** The arrays have an entry per step and belong to the schedule from now on. */
  DdimSchedule(
      int[] timesteps, float[] alphas, float[] nextAlphas, PredictionType type, float clipRange) {
    this.timesteps = timesteps;
    this.alphas = alphas;
    this.nextAlphas = nextAlphas;
    this.type = type;
    this.clipRange = clipRange;
  }

  @Override
  public int steps() {
    return timesteps.length;
  }

  @Override
  public double timestep(int step) {
    requireStep(step);
    return timesteps[step];
  }

  @Override
  public SamplerState start(float[] noise) {
    return SamplerState.of(noise);
  }

  @Override
  public float[] modelInput(int step, SamplerState state) {
    requireStep(step);
    return state.latents();
  }

  @Override
  public SamplerState step(int step, SamplerState state, float[] prediction) {
    float[] original = originalPrediction(step, state, prediction);
    float[] latents = state.latents();
    float rootAlpha = root(alphas[step]);
    float rootBeta = root(1f - alphas[step]);
    float originalShare = root(nextAlphas[step]);
    float noiseShare = root(1f - nextAlphas[step]);
    float[] next = new float[latents.length];
    for (int i = 0; i < next.length; i++) {
      float noise = type.noise(latents[i], prediction[i], rootAlpha, rootBeta);
      next[i] = originalShare * original[i] + noiseShare * noise;
    }
    return SamplerState.of(next);
  }

  @Override
  public float[] originalPrediction(int step, SamplerState state, float[] prediction) {
    requireStep(step);
    float[] latents = state.latents();
    if (prediction.length != latents.length) {
      throw new InvalidRequestException(
          "the prediction at step "
              + step
              + " has "
              + prediction.length
              + " values for "
              + latents.length
              + " latents; it must have as many");
    }
    float rootAlpha = root(alphas[step]);
    float rootBeta = root(1f - alphas[step]);
    float[] original = new float[latents.length];
    for (int i = 0; i < original.length; i++) {
      float value = type.original(latents[i], prediction[i], rootAlpha, rootBeta);
      original[i] = Math.max(-clipRange, Math.min(clipRange, value));
    }
    return original;
  }

  private void requireStep(int step) {
    if (step < 0 || step >= timesteps.length) {
      throw new InvalidRequestException(
          "step " + step + " is not one of the " + timesteps.length + " steps from 0");
    }
  }

  private static float root(float value) {
    return (float) Math.sqrt(value);
  }
}
