package io.github.probeselect.evaluation;

import java.util.Comparator;
import java.util.stream.IntStream;

/** The places of values in ascending order. */
final class Ranks {

  private Ranks() {}

  /**
   * Returns the rank of each value, 1 for the lowest. Equal values share the average of their
   * places. NaN ranks below everything and ties with NaN.
   */
  static double[] average(double[] values) {
    // Adding zero makes the two zeros equal.
    Comparator<Integer> ascending =
        Comparator.comparing((Integer i) -> !Double.isNaN(values[i]))
            .thenComparingDouble(i -> values[i] + 0.0);
    int[] order =
        IntStream.range(0, values.length)
            .boxed()
            .sorted(ascending)
            .mapToInt(Integer::intValue)
            .toArray();
    double[] ranks = new double[values.length];
    int from = 0;
    while (from < order.length) {
      int to = from + 1;
      while (to < order.length && tied(values[order[from]], values[order[to]])) {
        to++;
      }
      for (int i = from; i < to; i++) {
        ranks[order[i]] = (from + 1 + to) / 2.0;
      }
      from = to;
    }
    return ranks;
  }

  private static boolean tied(double a, double b) {
    return a == b || (Double.isNaN(a) && Double.isNaN(b));
  }
}
