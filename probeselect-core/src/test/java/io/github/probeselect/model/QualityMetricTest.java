package io.github.probeselect.model;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.probeselect.image.RgbImage;
import org.junit.jupiter.api.Test;

class QualityMetricTest {

  @Test
  void anyFunctionOfImageAndPromptIsAMetric() {
    QualityMetric metric =
        QualityMetric.of("area per word", (image, prompt) -> image.width() / prompt.length());

    assertThat(metric.name()).isEqualTo("area per word");
    assertThat(metric.score(RgbImage.of(4, 1, new byte[12]), "it")).isEqualTo(2);
  }

  @Test
  void aProbeIsAFunctionWithNothingToRelease() {
    Probe probe = observation -> new double[observation.size()];

    probe.close();

    assertThat(probe.metric()).isEqualTo("score");
  }
}
