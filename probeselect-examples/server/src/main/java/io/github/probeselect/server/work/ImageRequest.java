package io.github.probeselect.server.work;

import io.github.probeselect.GenerationRequest;
import io.github.probeselect.Pipeline;
import io.github.probeselect.bundle.BundleManifest;
import io.github.probeselect.model.PreviewProbe;
import io.github.probeselect.model.QualityMetric;
import java.util.OptionalDouble;
import java.util.OptionalLong;

/**
 * A request as all APIs mean it, checked against the limits of this server.
 *
 * @param prompt what the images show
 * @param negativePrompt what they do not show; may be empty
 * @param candidates how many seeds are started
 * @param keep how many images are finished and returned
 * @param seed the first of consecutive seeds; empty if any seeds will do
 * @param steps denoising steps
 * @param guidanceScale the guidance scale
 * @param width in pixels
 * @param height in pixels
 * @param decideAt after which fraction of the steps all but {@code keep} are dropped
 * @param budget what it may cost in full runs of one candidate, in place of {@code candidates} and
 *     {@code decideAt}
 * @param reproducible whether images are the same bit for bit whatever runs beside
 */
public record ImageRequest(
    String prompt,
    String negativePrompt,
    int candidates,
    int keep,
    OptionalLong seed,
    int steps,
    double guidanceScale,
    int width,
    int height,
    double decideAt,
    OptionalDouble budget,
    boolean reproducible) {

  /** The same as the library asks for it; without a probe a metric scores decoded previews. */
  public GenerationRequest on(Pipeline pipeline) {
    GenerationRequest request =
        pipeline
            .request(prompt)
            .keep(keep)
            .steps(steps)
            .guidanceScale(guidanceScale)
            .size(width, height)
            .reproducible(reproducible);
    request =
        seed.isPresent()
            ? request.candidates(candidates, seed.getAsLong())
            : request.randomSeeds(candidates);
    BundleManifest manifest = pipeline.manifest();
    if (manifest.probes().isEmpty() && !manifest.metrics().isEmpty() && budget.isEmpty()) {
      QualityMetric metric = pipeline.metric(manifest.metrics().get(0).name());
      request = request.signals(new PreviewProbe(pipeline.model(), metric));
    }
    return negativePrompt.isEmpty() ? request : request.negativePrompt(negativePrompt);
  }

  /** The same with another number of candidates. */
  public ImageRequest withCandidates(int number) {
    return new ImageRequest(
        prompt,
        negativePrompt,
        number,
        keep,
        seed,
        steps,
        guidanceScale,
        width,
        height,
        decideAt,
        budget,
        reproducible);
  }
}
