package io.github.probeselect.evaluation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.probeselect.error.InvalidRequestException;
import org.junit.jupiter.api.Test;

class VarianceShareTest {

  @Test
  void promptsThatDifferOnlyInTheirSeedsHaveAllOfItWithin() {
    assertThat(VarianceShare.within(new double[][] {{1, 3}, {0, 4}})).isEqualTo(1);
  }

  @Test
  void imagesThatDifferOnlyByPromptHaveNothingWithin() {
    assertThat(VarianceShare.within(new double[][] {{1, 1}, {4, 4, 4}})).isZero();
  }

  @Test
  void itIsTheShareOfTheSumsOfSquares() {
    // Within 2 + 2, total 9 + 1 + 1 + 9.
    assertThat(VarianceShare.within(new double[][] {{-3, -1}, {1, 3}}))
        .isCloseTo(4 / 20.0, within(1e-12));
  }

  @Test
  void withoutVariationThereIsNoShare() {
    assertThat(VarianceShare.within(new double[][] {{2, 2}, {2}})).isNaN();
    assertThat(VarianceShare.within(new double[0][])).isNaN();
  }

  @Test
  void emptyPromptsAndNanAreRefused() {
    assertThatThrownBy(() -> VarianceShare.within(new double[][] {{1}, {}}))
        .isInstanceOf(InvalidRequestException.class)
        .hasMessageContaining("prompt 1");
    assertThatThrownBy(() -> VarianceShare.within(new double[][] {{Double.NaN}}))
        .isInstanceOf(InvalidRequestException.class);
  }
}
