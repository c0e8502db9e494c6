package io.github.probeselect;

import io.github.probeselect.GenerationListener.Phase;
import io.github.probeselect.GenerationListener.Progress;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/** Counts the denoiser evaluations of one phase and reports them to the listener. */
final class ProgressMeter implements Sampler.Meter {

  private final GenerationListener listener;
  private final Phase phase;
  private final int steps;
  private final AtomicLong evaluations;
  private final long before;
  private final long planned;
  private final LongSupplier atMost;

  /**
   * Starts counting.
   *
   * @param evaluations the count over all phases so far, which is incremented
   * @param planned the evaluations of the phase
   * @param atMost the current maximum over all phases
   */
  ProgressMeter(
      Context context, Phase phase, AtomicLong evaluations, long planned, LongSupplier atMost) {
    this.listener = context.listener();
    this.phase = phase;
    this.steps = context.request().schedule().steps();
    this.evaluations = evaluations;
    this.before = evaluations.get();
    this.planned = planned;
    this.atMost = atMost;
  }

  @Override
  public void ran(int step, int rows, int running) {
    long now = evaluations.addAndGet(rows);
    listener.onProgress(
        new Progress(
            phase, step + 1, steps, running, now - before, planned, now, atMost.getAsLong()));
  }
}
