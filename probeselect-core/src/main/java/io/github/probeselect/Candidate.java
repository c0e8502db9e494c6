package io.github.probeselect;

import io.github.probeselect.image.RgbImage;
import java.util.Optional;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;

/**
 * One candidate as the decision left it.
 *
 * @param seed its seed
 * @param scoreOrNull its predicted quality, {@code NaN} if it could not be judged, {@code null} if
 *     nothing was scored because all candidates were to be finished
 * @param rank its place among the candidates, 1 is the best; in the order of the request when
 *     nothing was scored
 * @param outcome whether it was finished
 * @param guidanceGap {@link io.github.probeselect.model.Prediction#guidanceGap()} at the decision
 *     point, {@code NaN} without classifier-free guidance
 * @param previewOrNull the image expected at the decision point, if previews were asked for
 */
public record Candidate(
    long seed,
    @Nullable Double scoreOrNull,
    int rank,
    Outcome outcome,
    double guidanceGap,
    @Nullable RgbImage previewOrNull) {

  /**
   * The predicted quality, {@code NaN} if it could not be judged; empty when nothing was scored.
   */
  public OptionalDouble score() {
    return scoreOrNull == null ? OptionalDouble.empty() : OptionalDouble.of(scoreOrNull);
  }

  /** The image decoded from the x0 prediction at the decision point, if previews were asked for. */
  public Optional<RgbImage> preview() {
    return Optional.ofNullable(previewOrNull);
  }
}
