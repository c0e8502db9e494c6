package io.github.probeselect.planning;

import com.fasterxml.jackson.annotation.JsonValue;
import io.github.probeselect.annotation.Experimental;
import io.github.probeselect.internal.io.JsonFields;
import io.github.probeselect.selection.SelectionPlan;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The best plan for a budget, with its cost and expected quality: means over the recorded prompts,
 * in the unit of the metric. Immutable. The library implements it and may add methods; outside of
 * tests there is nothing to implement.
 */
@Experimental
public interface Proposal {

  /** How many seeds are started. */
  int candidates();

  /** When how many of them go on, and by what forecast. */
  SelectionPlan plan();

  /** The signals that score at every cut. */
  List<String> signals();

  /** The budget, in denoiser evaluations. */
  double budget();

  /** What the plan takes of it at the most, scoring and finishing included. */
  double cost();

  /** The quality of what is returned. */
  double expected();

  /** The quality of a random candidate. */
  double atRandom();

  /** The quality when the same budget is spent on finishing candidates alone. */
  double bestOfN();

  /** How many candidates the same budget finishes without selection. */
  int fullRuns();

  /** The quality of the best of the candidates started, which an oracle would find. */
  double perfect();

  /** The expected quality less that of a random candidate. */
  default double gain() {
    return expected() - atRandom();
  }

  /**
   * The fields of its JSON form by name, in the form that {@code docs/integrations.md} describes;
   * Jackson writes the value so. Unmodifiable.
   */
  @JsonValue
  default Map<String, @Nullable Object> toMap() {
    return new JsonFields()
        .with("candidates", candidates())
        .with("plan", plan().toMap())
        .with("signals", signals())
        .number("budget", budget())
        .number("cost", cost())
        .number("expected", expected())
        .number("atRandom", atRandom())
        .number("bestOfN", bestOfN())
        .with("fullRuns", fullRuns())
        .number("perfect", perfect())
        .number("gain", gain())
        .with("explanation", explanation())
        .toMap();
  }

  /** Describes the plan, its cost and its expected quality in a sentence. */
  String explanation();
}
