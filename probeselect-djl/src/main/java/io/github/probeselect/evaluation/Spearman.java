package io.github.probeselect.evaluation;

import io.github.probeselect.error.InvalidRequestException;

/**
 * Spearman's rank correlation: Pearson's correlation of the ranks, equal values sharing the average
 * of their places. A pure function, safe for use by several threads.
 */
public final class Spearman {

  private Spearman() {}

  /**
   * Returns the rank correlation of paired values.
   *
   * @param x values in any unit; infinities have their place in the order
   * @param y as many values, paired with {@code x} by index
   * @return -1 to 1; NaN for fewer than two pairs, or if all values of {@code x} or all of {@code
   *     y} are equal
   * @throws InvalidRequestException if the lengths differ or a value is NaN
   */
  public static double correlation(double[] x, double[] y) {
    if (x.length != y.length) {
      throw new InvalidRequestException(
          "a correlation needs pairs, got " + x.length + " and " + y.length + " values");
    }
    requireNumbers("x", x);
    requireNumbers("y", y);
    return ofRanks(Ranks.average(x), Ranks.average(y));
  }

  /** The correlation of values that are ranks already. */
  static double ofRanks(double[] x, double[] y) {
    // The mean of 1..n, whatever the ties.
    double mean = (x.length + 1) / 2.0;
    double xx = 0;
    double yy = 0;
    double xy = 0;
    for (int i = 0; i < x.length; i++) {
      double dx = x[i] - mean;
      double dy = y[i] - mean;
      xx += dx * dx;
      yy += dy * dy;
      xy += dx * dy;
    }
    if (xx == 0 || yy == 0) {
      return Double.NaN;
    }
    return Math.max(-1, Math.min(1, xy / Math.sqrt(xx * yy)));
  }

  private static void requireNumbers(String name, double[] values) {
    for (int i = 0; i < values.length; i++) {
      if (Double.isNaN(values[i])) {
        throw new InvalidRequestException(
            "value " + i + " of " + name + " is NaN, which has no rank; leave the pair out");
      }
    }
  }
}
