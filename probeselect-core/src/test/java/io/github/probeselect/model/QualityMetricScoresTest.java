package io.github.probeselect.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.probeselect.error.BackendException;
import io.github.probeselect.error.InvalidRequestException;
import io.github.probeselect.image.RgbImage;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class QualityMetricScoresTest {

  private static final List<RgbImage> IMAGES = List.of(gray(10), gray(20), gray(30));

  private static RgbImage gray(int value) {
    return RgbImage.of(1, 1, new byte[] {(byte) value, (byte) value, (byte) value});
  }

  private static QualityMetric.Scores ask(QualityMetric.Function function, List<RgbImage> images) {
    return QualityMetric.Scores.of(QualityMetric.of("red", function), images, "a circle");
  }

  @Test
  void theyAreWhatTheMetricSays() {
    assertThat(ask((image, prompt) -> image.red(0, 0), IMAGES).values())
        .containsExactly(10, 20, 30);
    assertThat(ask((image, prompt) -> image.red(0, 0), List.of()).values()).isEmpty();
  }

  @Test
  void aVoidImageIsNotShownToTheMetric() {
    List<RgbImage> shown = new ArrayList<>();

    QualityMetric.Scores scores =
        ask(
            (image, prompt) -> {
              shown.add(image);
              return image.red(0, 0);
            },
            List.of(IMAGES.get(0), IMAGES.get(1).asVoid(), IMAGES.get(2)));

    assertThat(scores.values()).containsExactly(10, Double.NaN, 30);
    assertThat(scores.failures()).isEmpty();
    assertThat(shown).containsExactly(IMAGES.get(0), IMAGES.get(2));
  }

  @Test
  void whatIsNotFiniteIsNoScore() {
    QualityMetric.Scores scores =
        ask(
            (image, prompt) ->
                image.red(0, 0) == 20 ? Double.POSITIVE_INFINITY : Double.NEGATIVE_INFINITY,
            IMAGES);

    assertThat(scores.values()).containsOnly(Double.NaN);
  }

  @Test
  void oneImageOnWhichTheMetricFailsDoesNotEndTheOthers() {
    IllegalStateException failure = new IllegalStateException("no circle found");

    QualityMetric.Scores scores =
        ask(
            (image, prompt) -> {
              if (image.red(0, 0) == 30) {
                throw failure;
              }
              return image.red(0, 0);
            },
            List.of(IMAGES.get(0).asVoid(), IMAGES.get(2), IMAGES.get(1)));

    assertThat(scores.values()).containsExactly(Double.NaN, Double.NaN, 20);
    assertThat(scores.failures()).containsOnlyKeys(1).containsValue(failure);
  }

  @Test
  void aMetricThatFailsOnAllOfThemFails() {
    for (List<RgbImage> images : List.of(IMAGES, IMAGES.subList(0, 1))) {
      assertThatThrownBy(
              () ->
                  ask(
                      (image, prompt) -> {
                        throw new IllegalStateException("not today");
                      },
                      images))
          .isInstanceOf(IllegalStateException.class)
          .hasMessage("not today");
    }
  }

  @Test
  void aTypedExceptionIsAboutTheMetricAndNotAboutAnImage() {
    assertThatThrownBy(
            () ->
                ask(
                    (image, prompt) -> {
                      if (image.red(0, 0) == 30) {
                        throw new BackendException("the metric is closed");
                      }
                      return 1;
                    },
                    IMAGES))
        .isInstanceOf(BackendException.class);
  }

  @Test
  void oneScoreForEachImageIsWanted() {
    for (double[] wrong : new double[][] {{1}, null}) {
      QualityMetric metric =
          new QualityMetric() {
            @Override
            public String name() {
              return "short";
            }

            @Override
            public double score(RgbImage image, String prompt) {
              return 1;
            }

            @Override
            @SuppressWarnings("NullAway") // breaks the contract on purpose
            public double[] scores(List<RgbImage> images, String prompt) {
              return wrong;
            }
          };
      assertThatThrownBy(() -> QualityMetric.Scores.of(metric, IMAGES, "a circle"))
          .isInstanceOf(InvalidRequestException.class)
          .hasMessageContaining(
              "'short' returned " + (wrong == null ? "no" : "1") + " scores for 3");
    }
  }
}
