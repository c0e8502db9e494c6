package io.github.probeselect.bundle;

import io.github.probeselect.error.InvalidBundleException;
import io.github.probeselect.error.InvalidMetricException;
import io.github.probeselect.error.ProbeSelectException;

/** A kind of directory that a JSON file describes, with the exception for invalid ones. */
enum DirectoryKind {
  BUNDLE("bundle", "manifest.json"),
  METRIC("metric", "metric.json");

  private final String noun;
  private final String manifest;

  DirectoryKind(String noun, String manifest) {
    this.noun = noun;
    this.manifest = manifest;
  }

  /** Its name in messages. */
  String noun() {
    return noun;
  }

  /** The file that describes all others. */
  String manifest() {
    return manifest;
  }

  ProbeSelectException invalid(String message) {
    return switch (this) {
      case BUNDLE -> new InvalidBundleException(message);
      case METRIC -> new InvalidMetricException(message);
    };
  }

  ProbeSelectException invalid(String message, Throwable cause) {
    return switch (this) {
      case BUNDLE -> new InvalidBundleException(message, cause);
      case METRIC -> new InvalidMetricException(message, cause);
    };
  }
}
