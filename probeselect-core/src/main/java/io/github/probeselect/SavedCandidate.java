package io.github.probeselect;

import io.github.probeselect.schedule.SamplerState;
import io.github.probeselect.selection.Reading;
import java.util.List;
import java.util.Optional;

/**
 * All that is needed to go on with a candidate.
 *
 * @param origin where it comes from
 * @param moment where it is
 * @param readings the scores that the signals gave it
 * @param features its activations, if the policy of its session looks at them
 * @param finalScore the score of the final metric for its image, if it was asked
 */
@SuppressWarnings("ArrayRecordComponent") // compared by identity, never by value
record SavedCandidate(
    Origin origin,
    Moment moment,
    List<Reading> readings,
    Optional<float[]> features,
    Optional<Double> finalScore) {

  SavedCandidate {
    readings = List.copyOf(readings);
  }

  Trajectory trajectory(int index, Plan plan) {
    Trajectory trajectory = new Trajectory(index, origin, plan, moment);
    trajectory.decided();
    return trajectory;
  }

  /** Whether it has been looked at, so that there is an x0 prediction. */
  boolean isSeen() {
    return moment.originalPrediction().length > 0;
  }

  SamplerState state() {
    return moment.state();
  }
}
