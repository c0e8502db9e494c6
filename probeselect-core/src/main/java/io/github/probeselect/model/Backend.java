package io.github.probeselect.model;

import io.github.probeselect.bundle.Bundle;
import io.github.probeselect.bundle.MetricDirectory;

/**
 * A tensor engine that can load bundles and metrics. Found by {@link java.util.ServiceLoader}: an
 * implementation names itself under {@code META-INF/services/io.github.probeselect.model.Backend}.
 */
public interface Backend {

  /** The engine's name, for messages. */
  String name();

  /**
   * Loads the model of a bundle whose manifest and checksums have been verified. The caller closes
   * it.
   *
   * @throws io.github.probeselect.error.InvalidBundleException if a file of the bundle cannot be
   *     used
   * @throws io.github.probeselect.error.BackendException if the engine is missing or fails
   */
  DiffusionModel open(Bundle bundle);

  /**
   * Loads the metric of a directory whose description and checksums have been verified. The caller
   * closes it.
   *
   * @throws io.github.probeselect.error.InvalidMetricException if a file of the directory cannot be
   *     used
   * @throws io.github.probeselect.error.BackendException if the engine is missing or fails
   */
  LearnedMetric openMetric(MetricDirectory directory);
}
