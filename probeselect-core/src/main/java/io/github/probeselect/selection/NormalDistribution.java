package io.github.probeselect.selection;

/** The standard normal distribution. */
final class NormalDistribution {

  /** Half a step of the trapezoidal rule's support, beyond which the density is negligible. */
  private static final double REACH = 5;

  private static final int POINTS = 41;

  private NormalDistribution() {}

  /**
   * The probability of a value below {@code x}, within 7.5e-8 (Abramowitz and Stegun 1964, formula
   * 26.2.17).
   */
  static double below(double x) {
    double t = 1 / (1 + 0.2316419 * Math.abs(x));
    double tail =
        density(x)
            * t
            * (0.319381530
                + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
    return x >= 0 ? 1 - tail : tail;
  }

  static double density(double x) {
    return Math.exp(-x * x / 2) / Math.sqrt(2 * Math.PI);
  }

  /** Points and weights by which a mean under the distribution is the weighted sum. */
  static double[][] quadrature() {
    double[] points = new double[POINTS];
    double[] weights = new double[POINTS];
    double sum = 0;
    for (int i = 0; i < POINTS; i++) {
      points[i] = -REACH + 2 * REACH * i / (POINTS - 1);
      weights[i] = density(points[i]);
      sum += weights[i];
    }
    for (int i = 0; i < POINTS; i++) {
      weights[i] /= sum;
    }
    return new double[][] {points, weights};
  }
}
