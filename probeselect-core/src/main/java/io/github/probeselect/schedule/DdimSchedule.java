package io.github.probeselect.schedule;

/**
 * A schedule by equation 12 of Song et al., "Denoising Diffusion Implicit Models" (2020), with
 * sigma = 0:
 *
 * <pre>{@code
 * x_next = sqrt(alpha_next) x_0 + sqrt(1 - alpha_next) eps
 * }</pre>
 *
 * where x_0 and eps are what the prediction at the current latents amounts to, and alpha is the
 * cumulative product of the training alphas. Single precision throughout, one rounding per
 * operation, so that the numbers are the same bits on every platform.
 */
final class DdimSchedule extends CheckedSchedule {

  private final float[] alphas;
  private final float[] nextAlphas;
  private final PredictionType type;
  private final float clipRange;

  /** The arrays have an entry per step and belong to the schedule from now on. */
  DdimSchedule(
      double[] timesteps,
      float[] alphas,
      float[] nextAlphas,
      PredictionType type,
      float clipRange) {
    super(timesteps);
    this.alphas = alphas;
    this.nextAlphas = nextAlphas;
    this.type = type;
    this.clipRange = clipRange;
  }

  @Override
  SamplerState next(int step, SamplerState state, float[] prediction) {
    float[] latents = state.latents();
    float[] original = original(step, latents, prediction);
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
  float[] original(int step, float[] latents, float[] prediction) {
    float rootAlpha = root(alphas[step]);
    float rootBeta = root(1f - alphas[step]);
    float[] original = new float[latents.length];
    for (int i = 0; i < original.length; i++) {
      float value = type.original(latents[i], prediction[i], rootAlpha, rootBeta);
      original[i] = Math.max(-clipRange, Math.min(clipRange, value));
    }
    return original;
  }

  private static float root(float value) {
    return (float) Math.sqrt(value);
  }
}
