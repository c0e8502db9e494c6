package io.github.probeselect;

import io.github.probeselect.image.RgbImage;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * One candidate as the decision left it.
 *
 * @param seed its seed
 * @param score its predicted quality, {@code NaN} if it could not be judged; empty if nothing was
 *     scored because all candidates were to be finished
 * @param rank its place among the candidates, 1 is the best; in the order of the request when
 *     nothing was scored
 * @param outcome whether it was finished
 * @param guidanceGap {@link io.github.probeselect.model.Prediction#guidanceGap()} at the decision
 *     point, {@code NaN} without classifier-free guidance
 * @param preview the image decoded from the x0 prediction at the decision point, if previews were
 *     asked for
 */
public record Candidate(
    long seed,
    OptionalDouble score,
    int rank,
    Outcome outcome,
    double guidanceGap,
    Optional<RgbImage> preview) {}
