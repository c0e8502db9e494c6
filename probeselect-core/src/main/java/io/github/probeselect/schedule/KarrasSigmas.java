package io.github.probeselect.schedule;

/**
 * Sigmas that lie closer together towards the image: Karras et al., "Elucidating the Design Space
 * of Diffusion-Based Generative Models" (2022), equation 5 with rho = 7.
 */
final class KarrasSigmas {

  private static final double RHO = 7;

  private KarrasSigmas() {}

  /** Returns {@code count} falling sigmas from the greatest to the least. */
  static double[] between(double greatest, double least, int count) {
    double first = StrictMath.pow(greatest, 1 / RHO);
    double last = StrictMath.pow(least, 1 / RHO);
    double[] sigmas = EvenSpacing.between(0, 1, count);
    for (int i = 0; i < count; i++) {
      sigmas[i] = StrictMath.pow(first + sigmas[i] * (last - first), RHO);
    }
    return sigmas;
  }
}
