package io.github.probeselect.evaluation;

import io.github.probeselect.error.InvalidRequestException;

/**
 * An estimate with its 95% confidence interval. All three values are NaN if there were no data.
 *
 * @param value the estimate
 * @param low the lower end
 * @param high the upper end, at least {@code low}
 */
public record Interval(double value, double low, double high) {

  /** Refuses ends in the wrong order. */
  public Interval {
    if (low > high) {
      throw new InvalidRequestException(
          "an interval needs low <= high, got " + low + " and " + high);
    }
  }

  /** Returns the interval of an estimate that could not be made. */
  static Interval undefined() {
    return new Interval(Double.NaN, Double.NaN, Double.NaN);
  }

  /** Whether a value lies outside: an interval that excludes 0 is a difference beyond chance. */
  public boolean excludes(double other) {
    return other < low || other > high;
  }
}
