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
    String device,
    boolean reproducible)
    implements Settings {

  SettingsValues {
    decisionSteps = List.copyOf(decisionSteps);
  }

  /** The settings of one candidate: with the wording and the guidance scale that are its own. */
  SettingsValues of(Origin origin) {
    return with(
        origin.wording().orElse(prompt), origin.guidanceScale().orElse(guidanceScale), device);
  }

  /** These settings on a device. */
  SettingsValues on(String name) {
    return with(prompt, guidanceScale, name);
  }

  private SettingsValues with(String newPrompt, double newScale, String newDevice) {
    return new SettingsValues(
        bundle,
        modelHash,
        newPrompt,
        negativePrompt,
        scheduler,
        steps,
        scheduleSteps,
        decisionSteps,
        newScale,
        width,
        height,
        latentShape,
        newDevice,
        reproducible);
  }
}
