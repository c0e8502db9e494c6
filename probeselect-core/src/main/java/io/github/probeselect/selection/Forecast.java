package io.github.probeselect.selection;

import io.github.probeselect.model.Score;
import java.util.List;

/**
 * Makes one score of all readings of a candidate so far. A pure function, safe for use by several
 * threads.
 */
@FunctionalInterface
public interface Forecast {

  /**
   * Computes the score of a candidate.
   *
   * @param readings at least one, the latest last
   * @return the score by which candidates are ranked, with its expected error
   */
  Score of(List<Reading> readings);

  /** Returns the score of the first signal at the latest decision point. */
  static Forecast latest() {
    return readings -> {
      int first = readings.size() - 1;
      while (first > 0 && readings.get(first - 1).stepsDone() == readings.get(first).stepsDone()) {
        first--;
      }
      return readings.get(first).score();
    };
  }
}
