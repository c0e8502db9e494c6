package io.github.probeselect.evaluation;

/**
 * One number of an evaluation.
 *
 * @param name what it is, such as {@code captured gain}
 * @param metric the metric that judges the finished images
 * @param fraction the fraction done at the decision; NaN where there is none
 * @param n candidates per prompt
 * @param k how many are kept; 0 where none are
 * @param signal what selects; empty where nothing does
 * @param value the number
 * @param low the lower end of its 95% interval over prompts; the number itself where there is none
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
