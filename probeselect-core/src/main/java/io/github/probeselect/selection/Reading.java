package io.github.probeselect.selection;

import com.fasterxml.jackson.annotation.JsonValue;
import io.github.probeselect.internal.io.JsonFields;
import io.github.probeselect.model.Score;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The score that a signal gave a candidate at a point of its trajectory.
 *
 * @param signal the name of the signal
 * @param stepsDone denoising steps done
 * @param steps all denoising steps of the schedule
 * @param score the score
 */
public record Reading(String signal, int stepsDone, int steps, Score score) {

  /** The fraction of the steps done, in (0, 1]. */
  public double fractionDone() {
    return (double) stepsDone / steps;
  }

  /**
   * The fields of its JSON form by name, in the form that {@code docs/integrations.md} describes;
   * Jackson writes the value so. Unmodifiable.
   */
  @JsonValue
  public Map<String, @Nullable Object> toMap() {
    return new JsonFields()
        .with("signal", signal)
        .with("stepsDone", stepsDone)
        .with("steps", steps)
        .number("fractionDone", fractionDone())
        .number("score", score.value())
        .number("deviation", score.deviation())
        .toMap();
  }
}
