package io.github.probeselect;

import io.github.probeselect.internal.activations.JoinedActivations;
import io.github.probeselect.internal.activations.NoActivations;
import io.github.probeselect.model.Activations;
import java.util.Collection;
import java.util.List;

/**
 * Candidates of one wording that arrive at the same step, and what was captured of them on the way.
 *
 * @param arrivals at least one
 * @param activations of each of them, in their order
 */
record View(List<Arrival> arrivals, Activations activations) {

  /** Views of the same wording as one, which does not own the activations. */
  static View joined(List<View> parts) {
    List<Arrival> all = parts.stream().map(View::arrivals).flatMap(Collection::stream).toList();
    return new View(
        all,
        parts.get(0).isCaptured()
            ? new JoinedActivations(parts.stream().map(View::activations).toList())
            : new NoActivations(all.size()));
  }

  String prompt() {
    return arrivals.get(0).candidate().settings().prompt();
  }

  int stepsDone() {
    return arrivals.get(0).moment().stepsDone();
  }

  int size() {
    return arrivals.size();
  }

  boolean isCaptured() {
    return !(activations instanceof NoActivations);
  }
}
