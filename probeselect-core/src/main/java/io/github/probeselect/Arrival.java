package io.github.probeselect;

/**
 * A candidate and the trajectory point that its next step leads to. The step is not committed yet.
 *
 * @param candidate the candidate
 * @param point the point after the step
 */
record Arrival(Trajectory candidate, TrajectoryPoint point) {

  int index() {
    return candidate.index();
  }
}
