package io.github.probeselect.selection;

import io.github.probeselect.error.InvalidRequestException;
import io.github.probeselect.internal.Arguments;

/**
 * A point of the trajectory at which candidates are dropped.
 *
 * @param at the decision point
 * @param keep the maximum number of candidates that continue, at least 1
 */
public record Cut(DecisionPoint at, int keep) {

  /** Checks the number. */
  public Cut {
    Arguments.require("at", at);
    if (keep < 1) {
      throw new InvalidRequestException(
          "a cut that keeps " + keep + "; at least one candidate must go on");
    }
  }

  /**
   * A cut once a fraction of the steps is done.
   *
   * @param fraction in (0, 1]
   * @param keep the maximum number of candidates that continue, at least 1
   */
  public static Cut at(double fraction, int keep) {
    return new Cut(DecisionPoint.fraction(fraction), keep);
  }
}
