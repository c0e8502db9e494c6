package io.github.probeselect;

import java.util.List;

/** What was spent. */
record EvaluationsValues(long spent, long withoutSelection, int branches) implements Evaluations {

  static Evaluations of(Plan plan, List<Trajectory> candidates, long spent) {
    return new EvaluationsValues(
        spent,
        (long) candidates.size() * plan.schedule().steps(),
        plan.unconditional(candidates) ? 2 : 1);
  }
}
