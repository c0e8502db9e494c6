package io.github.probeselect.evaluation;

/**
 * One number of an evaluation.
 *
 * @param name its name, such as {@code captured gain}
 * @param metric the metric of the finished images
 * @param fraction the fraction done at the decision; NaN if there is none
 * @param n candidates per prompt
 * @param k the number of kept candidates; 0 if nothing is selected
 * @param signal the name of the selecting signal; empty if nothing is selected
 * @param value the number
 * @param low the lower end of its 95% interval over prompts; the value itself if there is none
 * @param high the upper end
 */
public record Figure(
    String name,
    String metric,
    double fraction,
    int n,
    int k,
    String signal,
    double value,
    double low,
    double high) {

  /** A figure with its interval. */
  static Figure of(
      String name, String metric, double fraction, int n, int k, String signal, Interval interval) {
    return new Figure(
        name, metric, fraction, n, k, signal, interval.value(), interval.low(), interval.high());
  }
}
