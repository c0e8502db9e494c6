package io.github.probeselect.micrometer;

import io.github.probeselect.Candidate;
import io.github.probeselect.Candidate.Outcome;
import io.github.probeselect.GenerationListener;
import io.github.probeselect.GenerationResult;
import io.github.probeselect.KeptImage;
import io.micrometer.core.instrument.LongTaskTimer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Counts one generation, or one session. The events of a generation come one after another, so that
 * its fields need no lock.
 */
final class MeteredGeneration implements GenerationListener {

  private final List<Meter> meters;
  private long evaluations = -1;
  private int dropped;

  MeteredGeneration(List<GenerationMeters> registries) {
    this.meters = registries.stream().map(Meter::new).toList();
  }

  /** The meters of a registry, and what this generation began there. */
  private static final class Meter {
    private final GenerationMeters meters;
    private final long requested;
    private LongTaskTimer.@Nullable Sample running;

    Meter(GenerationMeters meters) {
      this.meters = meters;
      this.requested = meters.now();
    }

    void begin(int candidates) {
      running = meters.begun(requested, candidates);
    }

    void end() {
      if (running != null) {
        running.stop();
      }
    }
  }

  @Override
  public void onStart(Start start) {
    meters.forEach(meter -> meter.begin(start.origins().size()));
  }

  @Override
  public void onProgress(Progress progress) {
    long before =
        evaluations < 0 ? progress.evaluations() - progress.phaseEvaluations() : evaluations;
    evaluations = progress.evaluations();
    meters.forEach(meter -> meter.meters.ran(progress.evaluations() - before));
  }

  @Override
  public void onDecision(List<Candidate> candidates) {
    int now = (int) candidates.stream().filter(one -> one.outcome() == Outcome.PRUNED).count();
    int more = Math.max(0, now - dropped);
    dropped = now;
    meters.forEach(meter -> meter.meters.dropped(more));
  }

  @Override
  public void onImage(KeptImage image) {
    meters.forEach(meter -> meter.meters.returned());
  }

  @Override
  public void onResult(GenerationResult result) {
    meters.forEach(
        meter -> {
          meter.end();
          meter.meters.succeeded(meter.requested, result);
        });
  }

  @Override
  public void onFailure(Throwable failure) {
    meters.forEach(
        meter -> {
          meter.end();
          meter.meters.ended(meter.requested, failure);
        });
  }
}
