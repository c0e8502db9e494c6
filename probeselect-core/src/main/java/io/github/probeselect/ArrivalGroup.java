package io.github.probeselect;

import io.github.probeselect.internal.activations.JoinedActivations;
import io.github.probeselect.internal.activations.NoActivations;
import io.github.probeselect.model.Activations;
import java.util.Collection;
import java.util.List;

/**
 * Candidates of one wording at the same pending step, with the activations captured in it.
 *
 * @param arrivals at least one
 * @param activations the activations of the candidates, in the same order
 */
record ArrivalGroup(List<Arrival> arrivals, Activations activations) {

  /** Views of the same wording as one group, which does not own the activations. */
  static ArrivalGroup joined(List<ArrivalGroup> parts) {
    List<Arrival> all =
        parts.stream().map(ArrivalGroup::arrivals).flatMap(Collection::stream).toList();
    return new ArrivalGroup(
        all,
        parts.get(0).isCaptured()
            ? new JoinedActivations(parts.stream().map(ArrivalGroup::activations).toList())
            : new NoActivations(all.size()));
  }

  String prompt() {
    return arrivals.get(0).candidate().settings().prompt();
  }

  int stepsDone() {
    return arrivals.get(0).point().stepsDone();
  }

  int size() {
    return arrivals.size();
  }

  boolean isCaptured() {
    return !(activations instanceof NoActivations);
  }
}
