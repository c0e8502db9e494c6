package io.github.probeselect;

/**
 * A candidate, and where its next step leads. The candidate has not taken that step yet.
 *
 * @param candidate the candidate
 * @param moment where it arrives
 */
record Arrival(Trajectory candidate, Moment moment) {

  int index() {
    return candidate.index();
  }
}
