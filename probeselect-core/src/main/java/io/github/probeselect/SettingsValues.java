package io.github.probeselect;

import io.github.probeselect.bundle.LatentShape;
import java.util.List;

/** The settings of a plan, or of one of its candidates. */
record SettingsValues(
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
    boolean reproducible)
    implements Settings {

  SettingsValues {
    decisionSteps = List.copyOf(decisionSteps);
  }

  /** The settings of one candidate: with the wording and the guidance scale that are its own. */
  SettingsValues of(Origin origin) {
    return new SettingsValues(
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
