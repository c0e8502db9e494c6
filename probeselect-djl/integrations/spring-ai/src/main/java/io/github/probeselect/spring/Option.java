package io.github.probeselect.spring;

import java.util.EnumMap;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;

/** The options of a call, by name, and which of them exclude each other. */
enum Option {
  MODEL("model"),
  N("n"),
  CANDIDATES("candidates"),
  BUDGET("budget"),
  SEED("seed"),
  SEEDS("seeds"),
  RANDOM_SEEDS("randomSeeds"),
  DECISION_FRACTION("decisionFraction"),
  STEPS("steps"),
  GUIDANCE_SCALE("guidanceScale"),
  WIDTH("width"),
  HEIGHT("height"),
  NEGATIVE_PROMPT("negativePrompt"),
  TIMEOUT("timeout"),
  PREVIEWS("previews"),
  REPRODUCIBLE("reproducible"),
  MICRO_BATCH_SIZE("microBatchSize"),
  RESPONSE_FORMAT("responseFormat"),
  STYLE("style"),
  CUSTOMIZER("customizer");

  /** The name of its getter and builder method. */
  final String label;

  Option(String label) {
    this.label = label;
  }

  /** The options that answer the same question in another way. */
  private Set<Option> alternatives() {
    return switch (this) {
      case CANDIDATES -> EnumSet.of(BUDGET, SEEDS);
      case BUDGET -> EnumSet.of(CANDIDATES, SEEDS, DECISION_FRACTION);
      case SEED -> EnumSet.of(SEEDS, RANDOM_SEEDS);
      case SEEDS -> EnumSet.of(CANDIDATES, BUDGET, SEED, RANDOM_SEEDS);
      case RANDOM_SEEDS -> EnumSet.of(SEED, SEEDS);
      case DECISION_FRACTION -> EnumSet.of(BUDGET);
      default -> EnumSet.noneOf(Option.class);
    };
  }

  /** Whether it says nothing that an alternative could contradict. */
  private boolean isNeutral(Object value) {
    return this == RANDOM_SEEDS && value.equals(false);
  }

  /**
   * Puts values over others: each replaces the value of its own option and those of its
   * alternatives.
   */
  static Map<Option, Object> merge(Map<Option, Object> defaults, Map<Option, Object> over) {
    Map<Option, Object> merged = new EnumMap<>(Option.class);
    merged.putAll(defaults);
    over.forEach(
        (option, value) -> {
          if (!option.isNeutral(value)) {
            merged.keySet().removeAll(option.alternatives());
          }
        });
    merged.putAll(over);
    return merged;
  }

  /** Two options with values that exclude each other; empty if there are none. */
  static Set<Option> contradiction(Map<Option, Object> values) {
    for (Map.Entry<Option, Object> one : values.entrySet()) {
      for (Option other : one.getKey().alternatives()) {
        Object value = values.get(other);
        if (value != null && !one.getKey().isNeutral(one.getValue()) && !other.isNeutral(value)) {
          return EnumSet.of(one.getKey(), other);
        }
      }
    }
    return Set.of();
  }
}
