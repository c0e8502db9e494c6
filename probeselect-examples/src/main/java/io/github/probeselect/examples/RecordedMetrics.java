package io.github.probeselect.examples;

import io.github.probeselect.Pipeline;
import io.github.probeselect.ProbeSelect;
import io.github.probeselect.bundle.BundleManifest;
import io.github.probeselect.error.InvalidRequestException;
import io.github.probeselect.model.LearnedMetric;
import io.github.probeselect.model.QualityMetric;
import io.github.probeselect.scenes.SceneCheck;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * What finished images are judged by while a dataset is recorded: the metrics of the bundle, the
 * judge that nothing is trained on, and those in metric directories.
 */
final class RecordedMetrics implements AutoCloseable {

  private final List<QualityMetric> all;
  private final List<LearnedMetric> opened = new ArrayList<>();

  private RecordedMetrics(List<QualityMetric> all) {
    this.all = all;
  }

  /**
   * Opens the metrics in {@code directories} beside those of the pipeline.
   *
   * @throws InvalidRequestException if two metrics have one name
   * @throws io.github.probeselect.error.InvalidMetricException if a directory cannot be used
   */
  static RecordedMetrics open(Pipeline pipeline, List<Path> directories) {
    RecordedMetrics metrics = new RecordedMetrics(shipped(pipeline));
    try {
      directories.forEach(metrics::add);
      return metrics;
    } catch (RuntimeException | Error e) {
      metrics.close();
      throw e;
    }
  }

  private static List<QualityMetric> shipped(Pipeline pipeline) {
    List<QualityMetric> metrics = new ArrayList<>();
    for (BundleManifest.MetricSpec metric : pipeline.manifest().metrics()) {
      metrics.add(pipeline.metric(metric.name()));
    }
    metrics.add(new SceneCheck());
    return metrics;
  }

  private void add(Path directory) {
    LearnedMetric metric = ProbeSelect.openMetric(directory);
    opened.add(metric);
    if (all.stream().anyMatch(other -> other.name().equals(metric.name()))) {
      throw new InvalidRequestException(
          "there is already a metric "
              + metric.name()
              + "; export the one in "
              + directory
              + " with another --name");
    }
    all.add(metric);
  }

  /** All of them, those in directories last. */
  List<QualityMetric> all() {
    return List.copyOf(all);
  }

  @Override
  public void close() {
    opened.forEach(LearnedMetric::close);
  }
}
