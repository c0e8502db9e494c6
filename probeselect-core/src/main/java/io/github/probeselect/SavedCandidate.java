package io.github.probeselect;

import io.github.probeselect.schedule.SamplerState;
import io.github.probeselect.selection.Reading;
import java.util.List;
import java.util.Optional;

/**
 * The state needed to resume a candidate.
 *
 * @param origin where it comes from
 * @param point where it is
 * @param readings the scores that the signals gave it
 * @param features its activations, if the policy of its session looks at them
 * @param finalScore the score of the final metric for its image, if it was asked
 */
@SuppressWarnings("ArrayRecordComponent") // compared by identity, never by value
record SavedCandidate(
    Origin origin,
    TrajectoryPoint point,
    List<Reading> readings,
    Optional<float[]> features,
    Optional<Double> finalScore) {

  SavedCandidate {
    readings = List.copyOf(readings);
  }

  Trajectory trajectory(int index, ResolvedRequest request) {
    Trajectory trajectory = new Trajectory(index, origin, request, point);
    trajectory.decided();
    return trajectory;
  }

  /** Whether a step was observed, so that there is an x0 prediction. */
  boolean isSeen() {
    return point.x0Prediction().length > 0;
  }

  SamplerState state() {
    return point.state();
  }
}
