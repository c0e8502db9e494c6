package io.github.probeselect.model;

import io.github.probeselect.bundle.LatentShape;
import java.util.List;

/**
 * The state of some candidates of one prompt and wording at a decision point, from which signals
 * compute scores. Row {@code i} of every component belongs to the same candidate.
 *
 * @param prompt the prompt of the request, against which images are scored
 * @param seeds the candidates' seeds
 * @param activations the tapped activations of the conditional branch
 * @param latents for each candidate the latents after the observed step
 * @param x0Predictions for each candidate the x0 prediction: the latents that the guided denoiser
 *     predicts for the end of the trajectory
 * @param shape the shape of the latents and x0 predictions
 * @param guidanceGaps for each candidate {@link Denoiser.Prediction#guidanceGap()}
 * @param fractionDone denoising steps done divided by all steps, in (0, 1]
 * @param conditioning the encoded wording that conditions these candidates, by default the prompt
 */
public record Observation(
    String prompt,
    List<Long> seeds,
    Activations activations,
    List<float[]> latents,
    List<float[]> x0Predictions,
    LatentShape shape,
    List<Double> guidanceGaps,
    double fractionDone,
    Conditioning conditioning) {

  /** The number of candidates. */
  public int size() {
    return seeds.size();
  }
}
