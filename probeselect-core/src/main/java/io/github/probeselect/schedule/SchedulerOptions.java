package io.github.probeselect.schedule;

import io.github.probeselect.error.InvalidBundleException;
import java.util.Collection;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The options of a scheduler configuration. A scheduler reads those that its class has in diffusers
 * and that have an effect beside the others; options that it does not read have no effect, as in
 * diffusers, where a configuration keeps the options of the classes that it was switched from. So a
 * scheduler has to read, if only to refuse, every option that changes what its class does.
 *
 * <p>An absent option has its default value. A switch that is null is off, and so is an option that
 * may have no value; any other null is refused. Not thread-safe.
 */
final class SchedulerOptions {

  private static final Logger LOG = LoggerFactory.getLogger(SchedulerOptions.class);

  /** Where diffusers notes which values were defaults of another class, and not chosen. */
  private static final String DEFAULTS_OF_BEFORE = "_use_default_values";

  private final String type;
  private final Map<String, @Nullable Object> config = new TreeMap<>();
  private final Set<String> read = new HashSet<>();

  SchedulerOptions(String type, Map<String, ? extends @Nullable Object> config) {
    this.type = type;
    this.config.putAll(config);
    this.config.keySet().removeIf(key -> key.startsWith("_"));
    if (config.get(DEFAULTS_OF_BEFORE) instanceof Collection<?> defaults) {
      this.config.keySet().removeIf(defaults::contains);
    }
  }

  /** Reads a switch. */
  boolean flag(String key, boolean defaultValue) {
    if (isNull(key)) {
      return false;
    }
    Object value = value(key, defaultValue);
    if (value instanceof Boolean flag) {
      return flag;
    }
    throw refused(key, value, "must be true or false");
  }

  /** Reads a whole number between two limits, both included. */
  int wholeNumber(String key, int defaultValue, int min, int max) {
    Object value = value(key, defaultValue);
    if (value instanceof Number number) {
      double exact = number.doubleValue();
      if (exact == Math.rint(exact) && exact >= min && exact <= max) {
        return (int) exact;
      }
    }
    throw refused(key, value, "must be a whole number from " + min + " to " + max);
  }

  /** Reads a number between two limits, both excluded. */
  double number(String key, double defaultValue, double above, double below) {
    Object value = value(key, defaultValue);
    if (value instanceof Number number) {
      double exact = number.doubleValue();
      if (exact > above && exact < below) {
        return exact;
      }
    }
    throw refused(key, value, "must be a number above " + above + " and below " + below);
  }

  /** Reads a number that has no default, between two limits, both excluded. */
  OptionalDouble optionalNumber(String key, double above, double below) {
    return config.get(key) == null
        ? OptionalDouble.empty()
        : OptionalDouble.of(number(key, Double.NaN, above, below));
  }

  /** The same for a number that has no effect if it is zero. */
  OptionalDouble optionalNumberOrZero(String key, double below) {
    boolean none = config.get(key) instanceof Number number && number.doubleValue() == 0;
    return none ? OptionalDouble.empty() : optionalNumber(key, 0, below);
  }

  /** Reads a list of whole numbers, none of them negative; empty if absent. */
  Set<Integer> wholeNumbers(String key) {
    Object value = value(key, List.of());
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

  /** Reads one of the constants of an enumeration, known by their {@code toString}. */
  <E extends Enum<E>> E choice(String key, E defaultValue) {
    return choice(key, defaultValue, EnumSet.allOf(defaultValue.getDeclaringClass()));
  }

  /** Reads one of some constants of an enumeration, known by their {@code toString}. */
  <E extends Enum<E>> E choice(String key, E defaultValue, Set<E> allowed) {
    Object value = value(key, defaultValue.toString());
    for (E constant : allowed) {
      if (constant.toString().equals(value)) {
        return constant;
      }
    }
    throw refused(key, value, "must be one of " + allowed);
  }

  /** Maps names that other classes use for a value to the value that diffusers reads them as. */
  void rename(String key, Set<String> foreign, Object meant) {
    if (config.get(key) instanceof String value && foreign.contains(value)) {
      config.put(key, meant);
    }
  }

  /** Refuses a switch that is on: what it does is not supported. */
  void off(String key) {
    if (flag(key, false)) {
      throw refused(key, true, "must be false, nothing else is supported");
    }
  }

  /** Refuses an option that has any value: what it does is not supported. */
  void absent(String key) {
    Object value = config.get(key);
    if (value != null) {
      throw refused(key, value, "must be null, nothing else is supported");
    }
    read.add(key);
  }

  /** Refuses every value of an option but one. */
  void only(String key, String value) {
    Object given = value(key, value);
    if (!given.equals(value)) {
      throw refused(key, given, "must be " + value + ", nothing else is supported");
    }
  }

  /** Refuses some values of an option; the others have no effect. */
  void never(String key, Set<String> values) {
    if (config.get(key) instanceof String value && values.contains(value)) {
      throw refused(key, value, "must be none of " + new TreeSet<>(values));
    }
    read.add(key);
  }

  /** Refuses a limit that is not at or below everything that it limits. */
  void noLimitAbove(String key, double least) {
    Object value = value(key, Double.NEGATIVE_INFINITY);
    if (!(value instanceof Number number && number.doubleValue() <= least)) {
      throw refused(key, value, "must be a number that limits nothing, here at most " + least);
    }
  }

  /** Logs which options had no effect. */
  void logLeftovers() {
    if (LOG.isDebugEnabled() && !read.containsAll(config.keySet())) {
      Map<String, @Nullable Object> leftovers = new TreeMap<>(config);
      leftovers.keySet().removeAll(read);
      LOG.debug("options {} have no effect on this {}", leftovers, type);
    }
  }

  /** Whether an option is given as a constant of an enumeration. */
  boolean has(String key, Enum<?> constant) {
    return constant.toString().equals(config.get(key));
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
  InvalidBundleException refused(String key, @Nullable Object value, String rule) {
    return new InvalidBundleException(
        "option '" + key + "' of the " + type + " " + rule + ", got " + value);
  }

  private boolean isNull(String key) {
    read.add(key);
    return config.containsKey(key) && config.get(key) == null;
  }

  private Object value(String key, Object defaultValue) {
    if (isNull(key)) {
      throw refused(key, null, "must have a value; leave it out for its default, " + defaultValue);
    }
    Object value = config.get(key);
    return value == null ? defaultValue : value;
  }
}
