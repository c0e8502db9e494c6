package io.github.probeselect.schedule;

/**
 * A schedule by Euler's method along sigma, algorithm 2 of Karras et al., "Elucidating the Design
 * Space of Diffusion-Based Generative Models" (2022), without added noise:
 *
 * <pre>{@code
 * x_next = x + (sigma_next - sigma) (x - x_0) / sigma
 * }</pre>
 *
 * <p>The latents x = x_0 + sigma eps grow with sigma; the denoiser takes them with a variance of
 * one, x / sqrt(sigma^2 + 1), and what it predicts is about those. Single precision.
 */
final class EulerSchedule extends CheckedSchedule {

  private final float[] sigmas;
  private final float startScale;
  private final PredictionType type;

  /** The path, and the standard deviation of the latents that it begins with. */
  EulerSchedule(SigmaPath path, float startScale, PredictionType type) {
    super(path.timesteps());
    this.sigmas = path.sigmas();
    this.startScale = startScale;
    this.type = type;
  }

  @Override
  public SamplerState start(float[] noise) {
    float[] latents = new float[noise.length];
    for (int i = 0; i < latents.length; i++) {
      latents[i] = noise[i] * startScale;
    }
    return SamplerState.of(latents);
  }

  @Override
  float[] input(int step, float[] latents) {
    float sigma = sigmas[step];
    float root = (float) Math.sqrt(sigma * sigma + 1f);
    float[] input = new float[latents.length];
    for (int i = 0; i < input.length; i++) {
      input[i] = latents[i] / root;
    }
    return input;
  }

  @Override
  float[] original(int step, float[] latents, float[] prediction) {
    Preconditioning share = Preconditioning.of(type, sigmas[step]);
    float[] original = new float[latents.length];
    for (int i = 0; i < original.length; i++) {
      original[i] = share.skip * latents[i] + share.out * prediction[i];
    }
    return original;
  }

  @Override
  SamplerState next(int step, SamplerState state, float[] prediction) {
    float[] latents = state.latents();
    float[] original = original(step, latents, prediction);
    float sigma = sigmas[step];
    float distance = sigmas[step + 1] - sigma;
    float[] next = new float[latents.length];
    for (int i = 0; i < next.length; i++) {
      next[i] = latents[i] + (latents[i] - original[i]) / sigma * distance;
    }
    return SamplerState.of(next);
  }

  /**
   * Equation 7 of Karras et al.: the predicted image is {@code skip} x + {@code out} prediction.
   */
  private record Preconditioning(float skip, float out) {

    static Preconditioning of(PredictionType type, float sigma) {
      float variance = sigma * sigma + 1f;
      return switch (type) {
        case EPSILON -> new Preconditioning(1, -sigma);
        case SAMPLE -> new Preconditioning(0, 1);
        case VELOCITY -> new Preconditioning(1f / variance, -sigma / (float) Math.sqrt(variance));
        case FLOW -> throw new IllegalArgumentException("a flow has other paths than these");
      };
    }
  }
}
