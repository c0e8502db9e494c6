package io.github.probeselect.planning;

import io.github.probeselect.selection.SelectionPlan;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * The best plan for a budget, with its cost and expected quality: means over the recorded prompts,
 * in the unit of the metric.
 *
 * @param candidates how many seeds are started
 * @param plan when how many of them go on, and by what forecast
 * @param signals the signals that score at every cut
 * @param budget in denoiser evaluations
 * @param cost what the plan takes of it at the most, scoring and finishing included
 * @param expected the quality of what is returned
 * @param atRandom the quality of a random candidate
 * @param bestOfN the quality when the same budget is spent on finishing candidates alone
 * @param fullRuns how many that are
 * @param perfect the quality of the best of the candidates started, which an oracle would find
 */
public record Proposal(
    int candidates,
    SelectionPlan plan,
    List<String> signals,
    double budget,
    double cost,
    double expected,
    double atRandom,
    double bestOfN,
    int fullRuns,
    double perfect) {

  /** Copies the list. */
  public Proposal {
    signals = List.copyOf(signals);
  }

  /** The expected quality less that of a random candidate. */
  public double gain() {
    return expected - atRandom;
  }

  /** Describes the plan, its cost and its expected quality in a sentence. */
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
