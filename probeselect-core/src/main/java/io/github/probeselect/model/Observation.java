package io.github.probeselect.model;

import io.github.probeselect.bundle.LatentShape;
import java.util.List;

/**
 * All that is known of a few candidates of one prompt and wording at the decision point. Row {@code
 * i} of everything belongs to the same candidate.
 *
 * @param prompt the prompt of the request, by which images are judged
 * @param seeds the candidates' seeds
 * @param activations the tapped activations of the conditional branch
 * @param latents for each candidate the latents after the step that was observed
 * @param originalPredictions for each candidate the latents that the denoiser expects at the end of
 *     the trajectory (the x0 prediction, guided)
 * @param shape the shape of those latents
 * @param guidanceGaps for each candidate {@link Prediction#guidanceGap()}
 * @param fractionDone denoising steps done divided by all steps, in (0, 1]
 * @param conditioning the encoded wording that guides these candidates, most often the prompt
 */
public record Observation(
    String prompt,
    List<Long> seeds,
    Activations activations,
    List<float[]> latents,
    List<float[]> originalPredictions,
    LatentShape shape,
    List<Double> guidanceGaps,
    double fractionDone,
    Conditioning conditioning) {

  /** The number of candidates. */
  public int size() {
    return seeds.size();
  }
}
