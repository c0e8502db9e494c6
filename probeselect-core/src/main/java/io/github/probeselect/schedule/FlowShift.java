package io.github.probeselect.schedule;

/**
 * Moves the sigmas of flow matching, which lie in [0, 1], towards noise, the more the larger the
 * image is: Esser et al., "Scaling Rectified Flow Transformers for High-Resolution Image Synthesis"
 * (2024), section 5.3.2.
 */
final class FlowShift {

  private FlowShift() {}

  /** Returns {@code s sigma / (1 + (s - 1) sigma)} of every sigma; a shift of 1 changes nothing. */
  static double[] of(double[] sigmas, double shift) {
    double[] shifted = new double[sigmas.length];
    for (int i = 0; i < sigmas.length; i++) {
      shifted[i] = shift * sigmas[i] / (1 + (shift - 1) * sigmas[i]);
    }
    return shifted;
  }

  /** Returns the sigmas with their distances from 1 scaled such that the last is {@code last}. */
  static double[] stretchedTo(double last, double[] sigmas) {
    double scale = (1 - sigmas[sigmas.length - 1]) / (1 - last);
    double[] stretched = new double[sigmas.length];
    for (int i = 0; i < sigmas.length; i++) {
      stretched[i] = 1 - (1 - sigmas[i]) / scale;
    }
    return stretched;
  }
}
