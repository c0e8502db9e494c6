package io.github.probeselect;

import io.github.probeselect.bundle.BundleManifest;
import io.github.probeselect.error.InvalidCalibrationException;
import io.github.probeselect.error.InvalidRequestException;
import io.github.probeselect.model.DiffusionModel;
import io.github.probeselect.model.PreviewProbe;
import io.github.probeselect.model.Probe;
import io.github.probeselect.model.QualityMetric;
import io.github.probeselect.model.Signal;
import io.github.probeselect.planning.Calibration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The metric and the signals that a calibration was made with, given by the caller or found in the
 * bundle.
 *
 * @param metric scores finished images
 * @param signals all signals of the calibration
 */
record CalibratedSignals(QualityMetric metric, List<Signal> signals) {

  private static final String REMEDY =
      "; calibrate again, with probeselect-tools calibrate or with Calibrator, or bring back the"
          + " one that it was made with";

  /**
   * Finds metric and signals.
   *
   * @param givenMetric in place of the bundle's
   * @param givenSignals in place of the bundle's of the same names
   * @throws InvalidRequestException if one is missing or does not belong to the calibration
   * @throws InvalidCalibrationException if one is not the version that the calibration was made
   *     with
   */
  static CalibratedSignals of(
      DiffusionModel model,
      Calibration calibration,
      @Nullable QualityMetric givenMetric,
      List<Signal> givenSignals) {
    List<String> names = calibration.readings().signals();
    for (Signal signal : givenSignals) {
      if (!names.contains(signal.name())) {
        throw new InvalidRequestException(
            String.format(
                Locale.ROOT,
                "a budget is planned for the signals of the calibration, %s, and '%s' is none of them; leave it out, or calibrate with it",
                names,
                signal.name()));
      }
    }
    QualityMetric metric =
        givenMetric == null
            ? shipped(model, calibration.metric())
            : named(givenMetric, calibration.metric());
    CalibratedSignals calibrated =
        new CalibratedSignals(
            metric, names.stream().map(name -> signal(model, name, metric, givenSignals)).toList());
    calibration.versions().ifPresent(calibrated::check);
    return calibrated;
  }

  private static QualityMetric named(QualityMetric given, String name) {
    if (!given.name().equals(name)) {
      throw new InvalidRequestException(
          String.format(
              Locale.ROOT,
              "a budget is planned for the metric of the calibration, '%s', and '%s' is another; leave it out, or calibrate with it",
              name,
              given.name()));
    }
    return given;
  }

  private static QualityMetric shipped(DiffusionModel model, String name) {
    BundleManifest manifest = model.manifest();
    if (manifest.metrics().stream().noneMatch(metric -> metric.name().equals(name))) {
      throw new InvalidRequestException(
          String.format(
              Locale.ROOT,
              "the calibration was made with the metric '%s', which the bundle %s does not have; give it, with request.rescoreBy(metric) or plan(budget, keep, metric), where metric is what ProbeSelect.openMetric(directory) or QualityMetric.of(...) returns",
              name,
              manifest.name()));
    }
    return model.metric(name);
  }

  private static Signal signal(
      DiffusionModel model, String name, QualityMetric metric, List<Signal> givenSignals) {
    Optional<Signal> given =
        givenSignals.stream().filter(signal -> signal.name().equals(name)).findFirst();
    if (given.isPresent()) {
      return given.get();
    }
    if (name.equals(Signal.GUIDANCE_GAP)) {
      return Signal.guidanceGap();
    }
    if (name.equals(PreviewProbe.name(metric.name()))) {
      return new PreviewProbe(model, metric);
    }
    if (name.equals(Probe.NAME) && !model.manifest().probes().isEmpty()) {
      return new BundledProbe(model);
    }
    throw new InvalidCalibrationException(
        String.format(
            Locale.ROOT,
            "the calibration was made with the signal '%s', which the bundle %s does not have; give it, with request.signals(signal) or plan(budget, keep, metric, signal), or calibrate again without it",
            name,
            model.manifest().name()));
  }

  private void check(Calibration.Versions made) {
    if (!metric.version().equals(made.metric())) {
      throw new InvalidCalibrationException(
          "the metric '"
              + metric.name()
              + "' is another than the calibration was made with"
              + REMEDY);
    }
    for (Signal signal : signals) {
      if (!signal.version().equals(made.signals().get(signal.name()))) {
        throw new InvalidCalibrationException(
            "the signal '"
                + signal.name()
                + "' is another than the calibration was made with"
                + REMEDY);
      }
    }
  }

  /** The signals of these names, in the order of the names. */
  List<Signal> select(List<String> names) {
    return names.stream()
        .map(name -> signals.stream().filter(s -> s.name().equals(name)).findFirst().orElseThrow())
        .toList();
  }
}
