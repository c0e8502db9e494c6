package io.github.probeselect.internal.io;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;

/**
 * The fields of a JSON object in their order, as a map that JSON libraries write without knowing
 * the type it was made of. JSON has no NaN and no infinity; such numbers are {@code null}. Not
 * thread-safe.
 */
public final class JsonFields {

  private final Map<String, @Nullable Object> fields = new LinkedHashMap<>();

  /** Adds a field that holds a text, a truth value, a whole number, a list or a map. */
  public JsonFields with(String name, Object value) {
    fields.put(name, value);
    return this;
  }

  /** Adds a number. */
  public JsonFields number(String name, double value) {
    fields.put(name, Double.isFinite(value) ? value : null);
    return this;
  }

  /** Adds a number, {@code null} if it is missing. */
  public JsonFields number(String name, OptionalDouble value) {
    return number(name, value.orElse(Double.NaN));
  }

  /** Adds all fields of another object. */
  public JsonFields all(Map<String, @Nullable Object> others) {
    fields.putAll(others);
    return this;
  }

  /** An unmodifiable map of the fields. */
  public Map<String, @Nullable Object> toMap() {
    return Collections.unmodifiableMap(fields);
  }
}
