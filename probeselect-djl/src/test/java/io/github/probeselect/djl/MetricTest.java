package io.github.probeselect.djl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.probeselect.error.BackendException;
import io.github.probeselect.error.InvalidRequestException;
import io.github.probeselect.image.RgbImage;
import io.github.probeselect.model.DiffusionModel;
import io.github.probeselect.model.QualityMetric;
import org.junit.jupiter.api.Test;

/** The learned metric that ships with the model. */
class MetricTest {

  private static final String NAME = "scene-reward";

  @Test
  void judgesAnImageAgainstItsPrompt() {
    RgbImage image =
        DefaultModel.pipeline()
            .request(DefaultModel.PROMPT)
            .steps(DefaultModel.STEPS)
            .generate()
            .images()
            .get(0)
            .image();
    QualityMetric metric = DefaultModel.model().metric(NAME);

    assertThat(metric.name()).isEqualTo(NAME);
    double score = metric.score(image, DefaultModel.PROMPT);
    assertThat(score).isFinite().isEqualTo(metric.score(image, DefaultModel.PROMPT));
    assertThat(metric.score(image, "three white stars on a cyan background")).isNotEqualTo(score);
  }

  @Test
  void anUnknownNameIsRefusedWithTheKnownOnes() {
    assertThatThrownBy(() -> DefaultModel.model().metric("beauty"))
        .isInstanceOf(InvalidRequestException.class)
        .hasMessageContaining("beauty")
        .hasMessageContaining(NAME);
  }

  @Test
  void endsWithItsModel() {
    DiffusionModel model = DefaultModel.open();
    QualityMetric metric = model.metric(NAME);
    model.close();
    model.close();

    RgbImage image = RgbImage.of(64, 64, new byte[64 * 64 * 3]);
    assertThatThrownBy(() -> metric.score(image, "a red circle"))
        .isInstanceOf(BackendException.class)
        .hasMessageContaining("the model is closed");
  }
}
