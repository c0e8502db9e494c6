package io.github.probeselect.examples;

import io.github.probeselect.GenerationListener;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.jspecify.annotations.Nullable;

/** A progress bar for each phase of a generation, in denoiser evaluations. */
final class PhaseBars implements GenerationListener, AutoCloseable {

  private @Nullable Phase phase;
  private @Nullable ProgressBar bar;

  @Override
  public void onProgress(Progress progress) {
    if (phase != progress.phase()) {
      close();
      phase = progress.phase();
      bar = open(progress);
    }
    if (bar != null) {
      bar.stepTo(progress.phaseEvaluations());
    }
  }

  private static ProgressBar open(Progress progress) {
    String steps = progress.phase() == Phase.EARLY ? "early steps" : "remaining steps";
    return new ProgressBarBuilder()
        .setTaskName(steps + " of " + progress.candidates() + " seeds")
        .setInitialMax(progress.phasePlanned())
        .setStyle(ProgressBarStyle.ASCII)
        .setUpdateIntervalMillis(100)
        .build();
  }

  @Override
  public void close() {
    if (bar != null) {
      bar.close();
      bar = null;
    }
  }
}
