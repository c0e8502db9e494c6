package io.github.probeselect.schedule;

import io.github.probeselect.error.InvalidBundleException;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
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

  /** Takes one of the constants of an enumeration, known by their {@code toString}. */
  <E extends Enum<E>> E choice(String key, E defaultValue) {
    Object value = take(key, defaultValue.toString());
    E[] constants = defaultValue.getDeclaringClass().getEnumConstants();
    for (E constant : constants) {
      if (constant.toString().equals(value)) {
        return constant;
      }
    }
    throw refused(key, value, "must be one of " + Arrays.toString(constants));
  }

  /** Takes an option without effect on what is supported. */
  void ignore(String key) {
    remaining.remove(key);
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
