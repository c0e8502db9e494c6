package io.github.probeselect.model;

import com.fasterxml.jackson.annotation.JsonValue;
import io.github.probeselect.internal.io.JsonFields;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A candidate's score and its expected error.
 *
 * @param value the score that a {@link Signal} gives a candidate, higher is better; {@code NaN} if
 *     it could not be scored
 * @param deviation the expected root mean square error of the score among the seeds of one prompt,
 *     in the unit of the score; {@code NaN} if it is unknown
 */
public record Score(double value, double deviation) {

  /**
   * The fields of its JSON form by name, in the form that {@code docs/integrations.md} describes;
   * Jackson writes the value so. Unmodifiable.
   */
  @JsonValue
  public Map<String, @Nullable Object> toMap() {
    return new JsonFields().number("value", value).number("deviation", deviation).toMap();
  }
}
