package io.github.probeselect.selection;

import io.github.probeselect.model.Score;

/**
 * The score that a signal gave a candidate at a point of its trajectory.
 *
 * @param signal the name of the signal
 * @param stepsDone denoising steps done
 * @param steps all denoising steps of the schedule
 * @param score the score
 */
public record Reading(String signal, int stepsDone, int steps, Score score) {

  /** The fraction of the steps done, in (0, 1]. */
  public double fractionDone() {
    return (double) stepsDone / steps;
  }
}
