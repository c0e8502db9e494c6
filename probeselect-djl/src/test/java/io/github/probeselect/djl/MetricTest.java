package io.github.probeselect.djl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.probeselect.error.BackendException;
import io.github.probeselect.error.InvalidRequestException;
import io.github.probeselect.image.RgbImage;
import io.github.probeselect.model.DiffusionModel;
import io.github.probeselect.model.QualityMetric;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The learned metric that ships with the model. */
class MetricTest {

  private static final String NAME = "scene-reward";

  @Test
  void scoresAnImageAgainstItsPrompt() {
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
  void scoresImagesTogetherAsOneByOne() {
    QualityMetric metric = DefaultModel.model().metric(NAME);
    List<RgbImage> images =
        List.of(plain(64, 200), plain(64, 30), plain(48, 90), plain(48, 10), plain(64, 120));

    double[] together = metric.scores(images, DefaultModel.PROMPT);

    assertThat(together)
        .containsExactly(
            images.stream().mapToDouble(i -> metric.score(i, DefaultModel.PROMPT)).toArray(),
            within(1e-4));
    assertThat(together).doesNotHaveDuplicates();
    assertThat(metric.scores(List.of(), DefaultModel.PROMPT)).isEmpty();
  }

  private static RgbImage plain(int side, int gray) {
    byte[] rgb = new byte[side * side * 3];
    Arrays.fill(rgb, (byte) gray);
    return RgbImage.of(side, side, rgb);
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
