package io.github.probeselect.schedule;

import io.github.probeselect.error.InvalidBundleException;
import java.util.Collection;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The options of a scheduler configuration, taken out one by one; {@link #requireAllTaken} then
 * refuses what is left. An option that is absent or null has the default value. Not thread-safe.
 */
final class SchedulerOptions {

  private final String type;
  private final Map<String, Object> remaining = new TreeMap<>();

  SchedulerOptions(String type, Map<String, ? extends @Nullable Object> config) {
    this.type = type;
    config.forEach(
        (key, value) -> {
          if (!key.startsWith("_") && value != null) {
            remaining.put(key, value);
          }
        });
  }

  /** Takes a switch. */
  boolean flag(String key, boolean defaultValue) {
    Object value = take(key, defaultValue);
    if (value instanceof Boolean flag) {
      return flag;
    }
    throw refused(key, value, "must be true or false");
  }

  /** Takes a whole number between two limits, both included. */
  int wholeNumber(String key, int defaultValue, int min, int max) {
    Object value = take(key, defaultValue);
    if (value instanceof Number number) {
      double exact = number.doubleValue();
      if (exact == Math.rint(exact) && exact >= min && exact <= max) {
        return (int) exact;
      }
    }
    throw refused(key, value, "must be a whole number from " + min + " to " + max);
  }

  /** Takes a number between two limits, both excluded. */
  double number(String key, double defaultValue, double above, double below) {
    Object value = take(key, defaultValue);
    if (value instanceof Number number) {
      double exact = number.doubleValue();
      if (exact > above && exact < below) {
        return exact;
      }
    }
    throw refused(key, value, "must be a number above " + above + " and below " + below);
  }

  /** Takes a number that has no default, between two limits, both excluded. */
  OptionalDouble optionalNumber(String key, double above, double below) {
    return remaining.containsKey(key)
        ? OptionalDouble.of(number(key, Double.NaN, above, below))
        : OptionalDouble.empty();
  }

  /** Takes a list of whole numbers, none of them negative; empty if absent. */
  Set<Integer> wholeNumbers(String key) {
    Object value = take(key, List.of());
    if (!(value instanceof Collection<?> values)) {
      throw refused(key, value, "must be a list of whole numbers");
    }
    Set<Integer> numbers = new TreeSet<>();
    for (Object element : values) {
      if (!(element instanceof Integer number) || number < 0) {
        throw refused(key, value, "must be a list of whole numbers");
      }
      numbers.add(number);
    }
    return numbers;
  }

  /** Takes one of the constants of an enumeration, known by their {@code toString}. */
  <E extends Enum<E>> E choice(String key, E defaultValue) {
    return choice(key, defaultValue, EnumSet.allOf(defaultValue.getDeclaringClass()));
  }

  /** Takes one of some constants of an enumeration, known by their {@code toString}. */
  <E extends Enum<E>> E choice(String key, E defaultValue, Set<E> allowed) {
    Object value = take(key, defaultValue.toString());
    for (E constant : allowed) {
      if (constant.toString().equals(value)) {
        return constant;
      }
    }
    throw refused(key, value, "must be one of " + allowed);
  }

  /** Takes an option of which only the default value is supported. */
  void only(String key, Object defaultValue) {
    Object value = take(key, defaultValue);
    if (!value.equals(defaultValue)) {
      throw refused(key, value, "must be " + defaultValue + ", nothing else is supported");
    }
  }

  /** Takes options without effect on what is supported. */
  void ignore(String... keys) {
    remaining.keySet().removeAll(Set.of(keys));
  }

  /** Takes the limits of image values, which nobody uses on latents, and refuses them. */
  void refuseThresholding() {
    only("thresholding", false);
    ignore("dynamic_thresholding_ratio", "sample_max_value"); // act with thresholding only
  }

  /**
   * Takes what published configurations carry along from other schedulers. The class at hand has no
   * such options, so diffusers does not look at them.
   */
  void ignoreLeftovers() {
    ignore(
        "clip_sample",
        "clip_sample_range",
        "interpolation_type",
        "invert_sigmas",
        "sample_max_value",
        "set_alpha_to_one",
        "shift",
        "skip_prk_steps",
        "stochastic_sampling");
  }

  /** Refuses every option that has not been taken. */
  void requireAllTaken() {
    if (!remaining.isEmpty()) {
      throw new InvalidBundleException(
          "option "
              + remaining
              + " of the "
              + type
              + " is not supported; export the model with a scheduler configuration without it");
    }
  }

  /** Whether an option is given as a constant of an enumeration; does not take it. */
  boolean has(String key, Enum<?> constant) {
    return constant.toString().equals(remaining.get(key));
  }

  /** An exception that names two options that contradict each other, and says why. */
  InvalidBundleException contradiction(String key, String otherKey, String reason) {
    return new InvalidBundleException(
        "options '"
            + key
            + "' and '"
            + otherKey
            + "' of the "
            + type
            + " contradict each other: "
            + reason);
  }

  /** An exception that names an option, its value and what it should be. */
  InvalidBundleException refused(String key, Object value, String rule) {
    return new InvalidBundleException(
        "option '" + key + "' of the " + type + " " + rule + ", got " + value);
  }

  private Object take(String key, Object defaultValue) {
    Object value = remaining.remove(key);
    return value == null ? defaultValue : value;
  }
}
