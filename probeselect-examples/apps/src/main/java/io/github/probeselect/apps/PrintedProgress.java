package io.github.probeselect.apps;

import io.github.probeselect.GenerationListener;
import java.util.Locale;

/** Prints how far a generation is, on one line for each phase, in denoiser evaluations. */
final class PrintedProgress implements GenerationListener {

  @Override
  public void onProgress(Progress progress) {
    System.err.printf(
        Locale.ROOT,
        "\r%s steps of %d seeds: %d/%d denoiser evaluations",
        progress.phase() == Phase.EARLY ? "early" : "remaining",
        progress.candidates(),
        progress.phaseEvaluations(),
        progress.phasePlanned());
    if (progress.phaseEvaluations() == progress.phasePlanned()) {
      System.err.println();
    }
  }
}
