package io.github.probeselect;

import io.github.probeselect.image.RgbImage;
import io.github.probeselect.selection.Reading;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * One candidate as the last decision on it left it.
 *
 * @param origin its seed, and where else it differs from the other candidates
 * @param score its predicted quality, {@code NaN} if it could not be judged; empty if it was never
 *     scored because all candidates were to be finished
 * @param rank its place among the candidates, 1 is the best: by the final score where there is one,
 *     then who was judged later, then by score; in the order of the request when nothing was scored
 * @param outcome what became of it
 * @param stepsDone how many denoising steps it has behind it, or will have when it is finished
 * @param readings what the signals said of it, the latest last
 * @param finalScore what the metric said of its finished image, {@code NaN} if it could not judge
 *     it, as an image that is void; empty if it was not asked
 * @param guidanceGap {@link io.github.probeselect.model.Prediction#guidanceGap()} at its last
 *     decision point, {@code NaN} without classifier-free guidance
 * @param preview the image decoded from the x0 prediction at its last decision point, if previews
 *     were asked for
 */
public record Candidate(
    Origin origin,
    OptionalDouble score,
    int rank,
    Outcome outcome,
    int stepsDone,
    List<Reading> readings,
    OptionalDouble finalScore,
    double guidanceGap,
    Optional<RgbImage> preview) {

  /** Copies the list. */
  public Candidate {
    readings = List.copyOf(readings);
  }

  /** Its seed. */
  public long seed() {
    return origin.seed();
  }

  /** What became of a candidate. */
  public enum Outcome {
    /** It was finished, or still is to be, and its image is in the result. */
    KEPT,
    /** It was finished, but the metric that finished images are scored by liked others better. */
    FINISHED,
    /** It was stopped at a decision point. */
    PRUNED
  }
}
