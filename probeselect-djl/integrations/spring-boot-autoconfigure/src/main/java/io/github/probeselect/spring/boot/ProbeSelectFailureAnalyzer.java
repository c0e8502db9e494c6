package io.github.probeselect.spring.boot;

import io.github.probeselect.error.BackendException;
import io.github.probeselect.error.InvalidCalibrationException;
import io.github.probeselect.error.InvalidMetricException;
import io.github.probeselect.error.InvalidRequestException;
import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/** Says in the report of a failed start which property is to be mended, and how. */
final class ProbeSelectFailureAnalyzer extends AbstractFailureAnalyzer<OpeningException> {

  @Override
  protected FailureAnalysis analyze(Throwable rootFailure, OpeningException failure) {
    return new FailureAnalysis(
        failure.getMessage(), action(failure.reason(), failure.property()), failure);
  }

  private static String action(Throwable reason, String property) {
    if (reason instanceof BackendException) {
      return "Mend the installation as the description says. If another device is meant, change "
          + ProbeSelectProperties.PREFIX
          + ".device.";
    }
    if (reason instanceof InvalidRequestException) {
      return "Change the property as the description says: " + property + ".";
    }
    if (reason instanceof InvalidMetricException) {
      return "Name a metric of the bundle, or a directory that probeselect-metrics has written: "
          + property
          + ".";
    }
    if (reason instanceof InvalidCalibrationException) {
      return "Name a calibration file of this very model, or leave it out: " + property + ".";
    }
    return "Set "
        + ProbeSelectProperties.PREFIX
        + ".bundle to a directory that probeselect-export has written, or leave it out and add the"
        + " dependency io.github.probeselect:probeselect-models for the default model. With another"
        + " image model, set spring.ai.model.image to its name, and nothing is opened.";
  }
}
