package io.github.probeselect.schedule;

/**
 * How much of latents x = alpha x_0 + sigma eps is image and how much is noise. Single precision,
 * rounded where diffusers rounds.
 *
 * @param alpha the share of the image, from 0 to 1
 * @param sigma the share of the noise, from 0 to 1
 */
record NoiseLevel(float alpha, float sigma) {

  /** The level of diffusion, alpha^2 + sigma^2 = 1, of a ratio of noise to image. */
  static NoiseLevel ofDiffusion(float ratio) {
    float alpha = 1f / (float) Math.sqrt(ratio * ratio + 1f);
    return new NoiseLevel(alpha, ratio * alpha);
  }

  /** The level of flow matching, alpha + sigma = 1. */
  static NoiseLevel ofFlow(float sigma) {
    return new NoiseLevel(1f - sigma, sigma);
  }

  /** Half the logarithm of the signal-to-noise ratio, lambda = log(alpha / sigma). */
  float lambda() {
    return (float) StrictMath.log(alpha) - (float) StrictMath.log(sigma);
  }
}
