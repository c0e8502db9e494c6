package io.github.probeselect;

import com.fasterxml.jackson.annotation.JsonValue;
import io.github.probeselect.image.RgbImage;
import io.github.probeselect.internal.io.JsonFields;
import io.github.probeselect.selection.Reading;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;

/** One candidate as the last decision on it left it. */
public sealed interface Candidate permits CandidateValues {

  /** Its seed, and where else it differs from the other candidates. */
  Origin origin();

  /**
   * Its predicted quality, {@code NaN} if it could not be scored; empty if it was never scored
   * because all candidates were to be finished.
   */
  OptionalDouble score();

  /**
   * Its place among the candidates, 1 is the best: by the final score where there is one, then by
   * the last cut at which it was scored, then by score; in the order of the request when nothing
   * was scored.
   */
  int rank();

  /** What became of it. */
  Outcome outcome();

  /** How many denoising steps it has behind it, or will have when it is finished. */
  int stepsDone();

  /** All denoising steps of the schedule. */
  int steps();

  /** The scores that the signals gave it, the latest last. */
  List<Reading> readings();

  /**
   * The score of the metric for its finished image, {@code NaN} if it could not score it, as an
   * image that is void; empty if it was not asked.
   */
  OptionalDouble finalScore();

  /**
   * {@link io.github.probeselect.model.Denoiser.Prediction#guidanceGap()} at its last decision
   * point, {@code NaN} without classifier-free guidance.
   */
  double guidanceGap();

  /**
   * The image decoded from the x0 prediction at its last decision point, if previews were asked
   * for.
   */
  Optional<RgbImage> preview();

  /** Its seed. */
  default long seed() {
    return origin().seed();
  }

  /** The fraction of the denoising steps that it has behind it, in [0, 1]. */
  default double fractionDone() {
    return (double) stepsDone() / steps();
  }

  /**
   * The fields of its JSON form by name, in the form that {@code docs/integrations.md} describes;
   * Jackson writes the value so. Unmodifiable.
   */
  @JsonValue
  default Map<String, @Nullable Object> toMap() {
    JsonFields fields =
        new JsonFields()
            .all(origin().toMap())
            .number("score", score())
            .with("rank", rank())
            .with("outcome", outcome().name())
            .with("stepsDone", stepsDone())
            .with("steps", steps())
            .number("fractionDone", fractionDone())
            .number("finalScore", finalScore())
            .number("guidanceGap", guidanceGap())
            .with("readings", readings().stream().map(Reading::toMap).toList());
    preview().ifPresent(image -> fields.with("preview", image.toPng()));
    return fields.toMap();
  }

  /** What became of a candidate. */
  enum Outcome {
    /** It was finished, or still is to be, and its image is in the result. */
    KEPT,
    /** It was finished, but the metric scored the images of other candidates higher. */
    FINISHED,
    /** It was stopped at a decision point. */
    PRUNED
  }
}
