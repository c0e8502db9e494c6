package io.github.probeselect.internal.planning;

import io.github.probeselect.planning.Proposal;
import io.github.probeselect.selection.SelectionPlan;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** What the search for a plan found. */
record Planned(
    int candidates,
    SelectionPlan plan,
    List<String> signals,
    double budget,
    double cost,
    double expected,
    double atRandom,
    double bestOfN,
    int fullRuns,
    double perfect)
    implements Proposal {

  Planned {
    signals = List.copyOf(signals);
  }

  @Override
  public String explanation() {
    String cuts =
        plan.cuts().stream()
            .map(
                cut ->
                    String.format(
                        Locale.ROOT, "keep %d after step %d", cut.keep(), cut.stepsDone()))
            .collect(Collectors.joining(", "));
    int finished = plan.finished(candidates);
    return String.format(
        Locale.ROOT,
        "start %d candidates%s, finish %d and return %s%s: %.1f of %.1f evaluations."
            + " Expected quality %.3f; a random candidate has %.3f, the best of %d full runs,"
            + " which cost as much, %.3f, the best of all %d candidates %.3f.",
        candidates,
        cuts.isEmpty() ? "" : ", " + cuts + " (of " + plan.steps() + ")",
        finished,
        plan.keep() == 1 ? "the best" : "the best " + plan.keep(),
        signals.isEmpty() ? "" : ", scored by " + String.join(" and ", signals),
        cost,
        budget,
        expected,
        atRandom,
        fullRuns,
        bestOfN,
        candidates,
        perfect);
  }
}
