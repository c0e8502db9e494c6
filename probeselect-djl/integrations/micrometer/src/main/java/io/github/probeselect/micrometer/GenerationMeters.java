package io.github.probeselect.micrometer;

import io.github.probeselect.GenerationResult;
import io.github.probeselect.GenerationResult.Evaluations;
import io.github.probeselect.error.GenerationCancelledException;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.LongTaskTimer;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** The meters of one registry. Thread-safe. */
final class GenerationMeters {

  private static final String GENERATIONS = "probeselect.generations";

  private final MeterRegistry registry;
  private final Tags tags;
  private final Timer queued;
  private final LongTaskTimer active;
  private final DistributionSummary saved;
  private final Counter started;
  private final Counter dropped;
  private final Counter images;
  private final Counter calls;
  private final Counter evaluations;
  private final Counter evaluationsSaved;

  GenerationMeters(MeterRegistry registry, Tags tags) {
    this.registry = registry;
    this.tags = tags;
    this.queued =
        Timer.builder(GENERATIONS + ".queued")
            .description("Time from a request to the begin of its generation")
            .tags(tags)
            .register(registry);
    this.active =
        LongTaskTimer.builder(GENERATIONS + ".active")
            .description("Generations that have begun and have not ended")
            .tags(tags)
            .register(registry);
    this.saved =
        DistributionSummary.builder(GENERATIONS + ".saved")
            .description("Share of the denoiser evaluations that a generation saved")
            .baseUnit("ratio")
            .tags(tags)
            .register(registry);
    this.started = counter("candidates.started", "Candidates started", "candidates");
    this.dropped = counter("candidates.dropped", "Candidates dropped at a decision", "candidates");
    this.images = counter("images", "Images returned", "images");
    this.calls = counter("denoiser.calls", "Calls of the denoiser", "calls");
    this.evaluations =
        counter("denoiser.evaluations", "Denoising steps of one candidate", "evaluations");
    this.evaluationsSaved =
        counter(
            "denoiser.evaluations.saved",
            "Denoising steps of one candidate that dropping it saved",
            "evaluations");
  }

  private Counter counter(String name, String description, String unit) {
    return Counter.builder("probeselect." + name)
        .description(description)
        .baseUnit(unit)
        .tags(tags)
        .register(registry);
  }

  /** The time of the registry's clock, in nanoseconds from an arbitrary origin. */
  long now() {
    return registry.config().clock().monotonicTime();
  }

  LongTaskTimer.Sample begun(long requested, int candidates) {
    queued.record(Duration.ofNanos(now() - requested));
    started.increment(candidates);
    return active.start();
  }

  void ran(long rows) {
    calls.increment();
    evaluations.increment((double) rows);
  }

  void dropped(int candidates) {
    dropped.increment(candidates);
  }

  void returned() {
    images.increment();
  }

  void succeeded(long requested, GenerationResult result) {
    Evaluations spent = result.evaluations();
    saved.record(Math.max(0, 1 - spent.share()));
    evaluationsSaved.increment((double) Math.max(0, spent.withoutSelection() - spent.spent()));
    GenerationResult.Timings timings = result.timings();
    phase("encode", timings.encode());
    phase("early", timings.early());
    phase("decide", timings.decide());
    phase("remaining", timings.remaining());
    phase("decode", timings.decode());
    ended(requested, null);
  }

  private void phase(String name, Duration time) {
    Timer.builder(GENERATIONS + ".phase")
        .description("Parts of finished generations")
        .tags(tags)
        .tag("phase", name)
        .register(registry)
        .record(time);
  }

  void ended(long requested, @Nullable Throwable failure) {
    Timer.builder(GENERATIONS)
        .description("Time from a request to the end of its generation")
        .tags(tags)
        .tag("outcome", outcome(failure))
        .tag("exception", failure == null ? "none" : failure.getClass().getSimpleName())
        .register(registry)
        .record(Duration.ofNanos(now() - requested));
  }

  private static String outcome(@Nullable Throwable failure) {
    return failure == null
        ? "success"
        : failure instanceof GenerationCancelledException ? "cancelled" : "failure";
  }
}
