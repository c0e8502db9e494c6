package io.github.probeselect.micrometer;

import io.github.probeselect.GenerationListener;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Supplier;

/**
 * Meters of the generations of a pipeline. It is set once for a pipeline, and bound to any number
 * of registries, before or after; Spring Boot binds a bean of this type by itself. Thread-safe.
 *
 * <pre>{@code
 * ProbeSelectMetrics metrics = new ProbeSelectMetrics();
 * metrics.bindTo(registry);
 * Pipeline pipeline =
 *     ProbeSelect.open(bundle, Pipeline.Options.defaults().listeners(metrics));
 * }</pre>
 *
 * <p>The meters, none of which has the prompt, a seed or the text of an exception in its tags:
 *
 * <ul>
 *   <li>{@code probeselect.generations}, a timer from the request to its end, time in the queue
 *       included; tags {@code outcome}: {@code success}, {@code cancelled} or {@code failure}, and
 *       {@code exception}: the simple name of its class, or {@code none}
 *   <li>{@code probeselect.generations.queued}, a timer from the request to the begin of the
 *       generation, encoding of the prompt included
 *   <li>{@code probeselect.generations.active}, a long task timer of those that have begun and have
 *       not ended
 *   <li>{@code probeselect.generations.phase}, a timer of the parts of finished generations; tag
 *       {@code phase}: {@code encode}, {@code early}, {@code decide}, {@code remaining}, {@code
 *       decode}
 *   <li>{@code probeselect.generations.saved}, a summary of the share of the denoiser evaluations
 *       that a finished generation saved, from 0 to 1
 *   <li>{@code probeselect.candidates.started}, {@code probeselect.candidates.dropped} and {@code
 *       probeselect.images}, counters
 *   <li>{@code probeselect.denoiser.calls} and {@code probeselect.denoiser.evaluations}, counters;
 *       {@code probeselect.denoiser.evaluations.saved}, a counter of what finishing every candidate
 *       of the finished generations would have taken more
 * </ul>
 *
 * <p>Interactive sessions count in the meters of candidates that are dropped, images and denoiser,
 * not in the others.
 */
public final class ProbeSelectMetrics implements MeterBinder, Supplier<GenerationListener> {

  private final Tags tags;
  private final List<GenerationMeters> registries = new CopyOnWriteArrayList<>();

  /** Meters without tags of their own. */
  public ProbeSelectMetrics() {
    this(Tags.empty());
  }

  /**
   * Meters that all have some tags, such as the name of the pipeline where an application has
   * several.
   */
  public ProbeSelectMetrics(Iterable<Tag> tags) {
    this.tags = Tags.of(tags);
  }

  @Override
  public void bindTo(MeterRegistry registry) {
    registries.add(new GenerationMeters(registry, tags));
  }

  /** A listener for one generation or session, which may also be given to a single request. */
  @Override
  public GenerationListener get() {
    return new MeteredGeneration(registries);
  }
}
