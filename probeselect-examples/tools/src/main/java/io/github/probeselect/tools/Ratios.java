package io.github.probeselect.tools;

import java.util.Arrays;
import java.util.Locale;

/** Writes ratios that were measured several times, one for each time. */
final class Ratios {

  private Ratios() {}

  /**
   * Prints median and range.
   *
   * @param name what the ratios are of
   * @param ratios at least one
   * @param times what each was measured in, such as {@code "pairs"}
   */
  static void print(String name, double[] ratios, String times) {
    double[] sorted = ratios.clone();
    Arrays.sort(sorted);
    System.out.printf(
        Locale.ROOT,
        "%s   median %.3f, from %.3f to %.3f over %d %s%n",
        name,
        sorted[sorted.length / 2],
        sorted[0],
        sorted[sorted.length - 1],
        sorted.length,
        times);
  }
}
