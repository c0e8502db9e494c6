package io.github.probeselect.apps;

import io.github.probeselect.Pipeline;
import io.github.probeselect.ProbeSelect;
import io.github.probeselect.bundle.BundleManifest;
import io.github.probeselect.error.InvalidRequestException;
import io.github.probeselect.model.LearnedMetric;
import io.github.probeselect.model.PreviewProbe;
import io.github.probeselect.model.QualityMetric;
import io.github.probeselect.model.Signal;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which model an app runs on, on which devices, and what scores its candidates early. */
final class ModelOptions {

  @Option(names = "--bundle", description = "A bundle directory; the default model if absent.")
  private @Nullable Path bundle;

  @Option(
      names = "--device",
      split = ",",
      defaultValue = "auto",
      description =
          "The device, or several with commas between them: auto, cpu, cuda (the first GPU), cuda:1, ..., cuda:* (all GPUs), mps.")
  private String[] devices = {};

  @Option(
      names = "--metric",
      description = "A metric directory that scores previews, for a bundle without a probe.")
  private @Nullable Path metric;

  /** Opens the model; the caller closes the pipeline. */
  Pipeline open() {
    Pipeline.Options options = Pipeline.Options.defaults().devices(devices);
    return bundle == null ? ProbeSelect.openDefault(options) : ProbeSelect.open(bundle, options);
  }

  /**
   * The signals for requests to this pipeline; the caller closes the result, before the pipeline.
   *
   * @throws InvalidRequestException if the bundle has no probe and there is no metric either
   */
  EarlySignals signals(Pipeline pipeline) {
    Optional<LearnedMetric> opened = Optional.ofNullable(metric).map(ProbeSelect::openMetric);
    if (!pipeline.manifest().probes().isEmpty()) {
      // The bundle's probe scores unless a request names other signals.
      return new EarlySignals(List.of(), opened);
    }
    QualityMetric metric = opened.isPresent() ? opened.get() : first(pipeline);
    return new EarlySignals(List.of(new PreviewProbe(pipeline.model(), metric)), opened);
  }

  private static QualityMetric first(Pipeline pipeline) {
    BundleManifest manifest = pipeline.manifest();
    if (manifest.metrics().isEmpty()) {
      throw new InvalidRequestException(
          "the bundle "
              + manifest.name()
              + " has no metric to score images by; give one with --metric DIR, a directory that"
              + " probeselect-metrics writes (docs/metrics.md)");
    }
    return pipeline.metric(manifest.metrics().get(0).name());
  }

  /**
   * Signals, with the metric that they may need.
   *
   * @param signals for requests; empty for the bundle's probe
   * @param opened closed with this
   */
  record EarlySignals(List<Signal> signals, Optional<LearnedMetric> opened)
      implements AutoCloseable {

    Signal[] toArray() {
      return signals.toArray(Signal[]::new);
    }

    @Override
    public void close() {
      opened.ifPresent(LearnedMetric::close);
    }
  }
}
