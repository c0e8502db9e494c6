package io.github.probeselect;

import java.util.List;

/** What was spent. */
record EvaluationsValues(long spent, long withoutSelection, int branches)
    implements GenerationResult.Evaluations {

  static GenerationResult.Evaluations of(
      ResolvedRequest request, List<Trajectory> candidates, long spent) {
    return new EvaluationsValues(
        spent,
        (long) candidates.size() * request.schedule().steps(),
        request.unconditional(candidates) ? 2 : 1);
  }
}
