package io.github.probeselect;

import io.github.probeselect.bundle.LatentShape;
import java.util.List;

/**
 * The settings that, with a seed, determine an image. Two runs with equal settings and equal seed
 * give the same image, however many other candidates run beside it.
 *
 * @param bundle the name of the model
 * @param modelHash the first ten digits of the SHA-256 of its denoiser
 * @param prompt the prompt
 * @param negativePrompt the prompt of the unconditional branch, empty by default
 * @param scheduler the name of the scheduler
 * @param steps denoising steps asked for
 * @param scheduleSteps steps of the schedule, each one denoiser evaluation: as many as asked for,
 *     except that PLMS evaluates once more
 * @param decisionSteps after how many steps of the schedule candidates may be dropped, rising
 * @param guidanceScale the guidance scale
 * @param width in pixels
 * @param height in pixels
 * @param latentShape the shape of the latents
 * @param reproducible whether results are the same bit for bit whatever runs beside
 */
public record Settings(
    String bundle,
    String modelHash,
    String prompt,
    String negativePrompt,
    String scheduler,
    int steps,
    int scheduleSteps,
    List<Integer> decisionSteps,
    double guidanceScale,
    int width,
    int height,
    LatentShape latentShape,
    boolean reproducible) {

  /** Copies the list. */
  public Settings {
    decisionSteps = List.copyOf(decisionSteps);
  }

  /** The settings of one candidate: with the wording and the guidance scale that are its own. */
  Settings of(Origin origin) {
    return new Settings(
        bundle,
        modelHash,
        origin.wording().orElse(prompt),
        negativePrompt,
        scheduler,
        steps,
        scheduleSteps,
        decisionSteps,
        origin.guidanceScale().orElse(guidanceScale),
        width,
        height,
        latentShape,
        reproducible);
  }
}
