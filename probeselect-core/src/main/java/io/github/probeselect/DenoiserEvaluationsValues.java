package io.github.probeselect;

import java.util.List;

/** What was spent. */
record DenoiserEvaluationsValues(long spent, long withoutSelection, int branches)
    implements DenoiserEvaluations {

  static DenoiserEvaluations of(ResolvedRequest request, List<Trajectory> candidates, long spent) {
    return new DenoiserEvaluationsValues(
        spent,
        (long) candidates.size() * request.schedule().steps(),
        request.unconditional(candidates) ? 2 : 1);
  }
}
