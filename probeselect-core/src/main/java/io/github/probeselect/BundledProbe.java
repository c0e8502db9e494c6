package io.github.probeselect;

import io.github.probeselect.bundle.BundleManifest;
import io.github.probeselect.error.InvalidRequestException;
import io.github.probeselect.model.DiffusionModel;
import io.github.probeselect.model.Observation;
import io.github.probeselect.model.Probe;
import io.github.probeselect.model.Score;
import io.github.probeselect.model.Signal;
import java.util.List;
import java.util.Locale;

/**
 * The probes of a bundle as one signal, which uses the probe trained for the current fraction done.
 */
record BundledProbe(DiffusionModel model) implements Signal {

  static Probe find(DiffusionModel model, double fractionDone) {
    return model
        .probe(fractionDone)
        .orElseThrow(() -> new InvalidRequestException(missing(model.manifest())));
  }

  /** Suggests a signal that needs no training: decoded previews scored by a metric. */
  static String missing(BundleManifest manifest) {
    List<BundleManifest.MetricSpec> metrics = manifest.metrics();
    String metric =
        metrics.isEmpty() ? "metric" : "pipeline.metric(\"" + metrics.get(0).name() + "\")";
    String origin =
        metrics.isEmpty()
            ? ", where metric is ProbeSelect.openMetric(directory) or a function of yours,"
                + " QualityMetric.of(name, (image, prompt) -> ...)"
            : "";
    return String.format(
        Locale.ROOT,
        "the bundle %s ships no probe to score candidates with; score decoded previews by a metric instead: pipeline.request(prompt).signals(new PreviewProbe(pipeline.model(), %s))%s; or train a probe, or give another one with probe(...)",
        manifest.name(),
        metric,
        origin);
  }

  @Override
  public String name() {
    return Probe.NAME;
  }

  @Override
  public String version() {
    return model.manifest().probesHash();
  }

  @Override
  public List<Score> scores(Observation observation) {
    return find(model, observation.fractionDone()).scores(observation);
  }
}
