package io.github.probeselect.spring.boot;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;

/** What is opened, and on which devices. */
@ConfigurationProperties(ProbeSelectProperties.PREFIX)
public class ProbeSelectProperties {

  /** Where the properties begin. */
  public static final String PREFIX = "spring.ai.probeselect";

  /**
   * Directory of the bundle, as a path or a "file:" URL. The default model of the artifact
   * probeselect-models if it is not set.
   */
  private @Nullable String bundle;

  /**
   * Devices on each of which the model is loaded: "auto", "cpu", "cuda", "cuda:1", "cuda:*" for all
   * GPUs, "mps".
   */
  private List<String> device = List.of("auto");

  /**
   * Metric that scores the finished images, and the previews at the decision point if the bundle
   * has no probe: the name of a metric of the bundle, or the directory of one that
   * probeselect-metrics has written.
   */
  private @Nullable String metric;

  /** Calibration file for budgets, in place of the one beside the bundle. */
  private @Nullable String calibration;

  /** Whether the memory of the text encoder is released while the denoiser runs. */
  private boolean releaseTextEncoder;

  /** Creates properties that are not set. */
  public ProbeSelectProperties() {}

  /** The directory of the bundle; {@code null} for the default model. */
  public @Nullable String getBundle() {
    return bundle;
  }

  /** Sets the directory of the bundle. */
  public void setBundle(@Nullable String bundle) {
    this.bundle = bundle;
  }

  /** The devices. */
  public List<String> getDevice() {
    return device;
  }

  /** Sets the devices. */
  public void setDevice(List<String> device) {
    this.device = List.copyOf(device);
  }

  /** The metric; {@code null} for none. */
  public @Nullable String getMetric() {
    return metric;
  }

  /** Sets the metric. */
  public void setMetric(@Nullable String metric) {
    this.metric = metric;
  }

  /** The calibration file; {@code null} for the one beside the bundle, if any. */
  public @Nullable String getCalibration() {
    return calibration;
  }

  /** Sets the calibration file. */
  public void setCalibration(@Nullable String calibration) {
    this.calibration = calibration;
  }

  /** Whether the memory of the text encoder is released while the denoiser runs. */
  public boolean isReleaseTextEncoder() {
    return releaseTextEncoder;
  }

  /** Sets whether the memory of the text encoder is released while the denoiser runs. */
  public void setReleaseTextEncoder(boolean releaseTextEncoder) {
    this.releaseTextEncoder = releaseTextEncoder;
  }
}
