package io.github.probeselect.tools;

import io.github.probeselect.Pipeline;
import io.github.probeselect.ProbeSelect;
import io.github.probeselect.bundle.BundleManifest;
import io.github.probeselect.error.InvalidRequestException;
import io.github.probeselect.model.LearnedMetric;
import io.github.probeselect.model.PreviewProbe;
import io.github.probeselect.model.QualityMetric;
import io.github.probeselect.model.Signal;
import io.github.probeselect.planning.Calibration;
import io.github.probeselect.scenes.SceneCheck;
import io.github.probeselect.scenes.SceneDescription;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * What images are scored by: the metrics of the bundle, the judge that nothing is trained on, and
 * those in the metric directories that {@link MetricOption} names.
 */
public final class ChosenMetrics implements AutoCloseable {

  private final Pipeline pipeline;
  private final List<QualityMetric> all;
  private final List<LearnedMetric> opened = new ArrayList<>();

  private ChosenMetrics(Pipeline pipeline) {
    this.pipeline = pipeline;
    this.all = shipped(pipeline);
  }

  /**
   * Opens the metrics in {@code directories} beside those of the pipeline.
   *
   * @throws InvalidRequestException if two metrics have one name
   * @throws io.github.probeselect.error.InvalidMetricException if a directory cannot be used
   */
  static ChosenMetrics open(Pipeline pipeline, List<Path> directories) {
    ChosenMetrics metrics = new ChosenMetrics(pipeline);
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

  /** All of them that can score images of these prompts, those in directories last. */
  List<QualityMetric> all(List<String> prompts) {
    List<QualityMetric> chosen = new ArrayList<>(all);
    Optional<String> unknown = prompts.stream().filter(ChosenMetrics::isNoScene).findFirst();
    if (unknown.isPresent()) {
      chosen.removeIf(SceneCheck.class::isInstance);
      System.err.printf(
          Locale.ROOT,
          "warning: scene-check is not asked: '%s' is no caption of a scene that it knows%n",
          unknown.get());
    }
    return chosen;
  }

  private static boolean isNoScene(String prompt) {
    try {
      SceneDescription.parse(prompt);
      return false;
    } catch (InvalidRequestException notOfTheGrammar) {
      return true;
    }
  }

  /**
   * The one that counts: the first directory's, or else the first of the bundle.
   *
   * @throws InvalidRequestException if there is neither
   */
  public QualityMetric first() {
    if (!opened.isEmpty()) {
      return opened.get(0);
    }
    List<BundleManifest.MetricSpec> shipped = pipeline.manifest().metrics();
    if (shipped.isEmpty()) {
      throw new InvalidRequestException(
          "the bundle "
              + pipeline.manifest().name()
              + " has no metric to score images by; give one with --metric DIR, a directory that"
              + " probeselect-metrics writes (docs/metrics.md)");
    }
    return pipeline.metric(shipped.get(0).name());
  }

  /** All of them that can score images of these prompts, {@link #first} before the others. */
  List<QualityMetric> firstBeforeOthers(List<String> prompts) {
    QualityMetric first = first();
    List<QualityMetric> ordered = all(prompts);
    ordered.removeIf(metric -> metric.name().equals(first.name()));
    ordered.add(0, first);
    return ordered;
  }

  /**
   * The one that a calibration was made with.
   *
   * @throws InvalidRequestException if it is not there
   */
  public QualityMetric of(Calibration calibration) {
    return all.stream()
        .filter(metric -> metric.name().equals(calibration.metric()))
        .findFirst()
        .orElseThrow(
            () ->
                new InvalidRequestException(
                    String.format(
                        Locale.ROOT,
                        "the bundle %s was calibrated with the metric '%s', which it does not have; give that one with --metric DIR, or calibrate again",
                        pipeline.manifest().name(),
                        calibration.metric())));
  }

  /** Those that previews are scored by too: all but the judge that nothing is trained on. */
  List<QualityMetric> ofPreviews() {
    return all.stream().filter(metric -> !(metric instanceof SceneCheck)).toList();
  }

  /**
   * What candidates are scored by early: the bundle's probe, which needs no mention, or, if it has
   * none, the first metric's opinion of previews.
   *
   * @throws InvalidRequestException if there is neither
   */
  public Signal[] signals() {
    return pipeline.manifest().probes().isEmpty()
        ? new Signal[] {new PreviewProbe(pipeline.model(), first())}
        : new Signal[0];
  }

  @Override
  public void close() {
    opened.forEach(LearnedMetric::close);
  }
}
