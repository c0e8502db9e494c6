package io.github.probeselect.tools;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.github.probeselect.Pipeline;
import io.github.probeselect.ProbeSelect;
import io.github.probeselect.evaluation.Calibrator;
import io.github.probeselect.model.QualityMetric;
import io.github.probeselect.model.Signal;
import io.github.probeselect.planning.Calibration;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The calibrations that ship were made with the probes and metrics that ship. */
class ShippedCalibrationsTest {

  @ParameterizedTest
  @ValueSource(
      strings = {
        "src/main/resources/io/github/probeselect/models/tiny-sd2",
        "tiny-sd3/bundle",
        "tiny-flux/bundle"
      })
  void theyKnowTheVersionsOfTheirBundle(String folder) {
    Path bundle = Path.of("..", "..", "models").resolve(folder);
    Calibration shipped = Calibration.read(bundle.resolve(Calibration.FILE));
    try (Pipeline pipeline =
        ProbeSelect.open(bundle, Pipeline.Options.defaults().calibration(Optional.of(shipped)))) {
      QualityMetric metric = pipeline.metric(shipped.metric());
      List<Signal> signals = Calibrator.signals(pipeline, metric);

      assertThat(shipped.versions())
          .contains(
              new Calibration.Versions(
                  metric.version(),
                  signals.stream().collect(Collectors.toMap(Signal::name, Signal::version))));
      assertThat(metric.version()).matches("[0-9a-f]{64}\\+[0-9a-f]{64}");
      Path probe = bundle.resolve("probe").resolve("probe.json");
      try (Signal outside = pipeline.openProbe(probe)) {
        assertThat(outside.version()).matches("[0-9a-f]{64}").isEqualTo(pipeline.probe().version());
      }
      assertThatExceptionOfType(RuntimeException.class)
          .isThrownBy(() -> pipeline.costs(QualityMetric.of(shipped.metric(), (i, p) -> 0)))
          .withMessageContaining("is another than the calibration was made with");
    }
  }
}
