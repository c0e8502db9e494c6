package io.github.probeselect.micrometer;

import io.github.probeselect.Pipeline;
import io.github.probeselect.ProbeSelect;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import java.nio.file.Path;

/**
 * The Java blocks of the pages that need Micrometer, compiled; each stands in a method of its own.
 */
@SuppressWarnings("unused")
final class PageSnippets {

  private PageSnippets() {}

  static void integrationsMicrometer(MeterRegistry registry, Path bundle) {
    ProbeSelectMetrics metrics = new ProbeSelectMetrics(Tags.of("pipeline", "posters"));
    metrics.bindTo(registry);
    Pipeline pipeline = ProbeSelect.open(bundle, Pipeline.Options.defaults().listeners(metrics));
  }
}
