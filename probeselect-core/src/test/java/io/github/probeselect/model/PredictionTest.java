package io.github.probeselect.model;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class PredictionTest {

  private final Denoiser.Prediction both =
      new Denoiser.Prediction(new float[] {3, 1}, new float[] {1, 2});
  private final Denoiser.Prediction one = new Denoiser.Prediction(new float[] {3, 1}, null);

  @Test
  void guidanceMovesFromTheUnconditionalThroughTheConditional() {
    assertThat(both.guided(0)).containsExactly(1, 2);
    assertThat(both.guided(1)).containsExactly(3, 1);
    assertThat(both.guided(3)).containsExactly(7, -1);
  }

  @Test
  void withoutUnconditionalBranchTheScaleHasNoMeaning() {
    assertThat(one.guided(7.5)).containsExactly(3, 1);
    assertThat(one.guidanceGap()).isNaN();
  }

  @Test
  void theGuidanceGapIsTheMeanSquaredDistanceOfTheBranches() {
    assertThat(both.guidanceGap()).isEqualTo(2.5);
  }
}
