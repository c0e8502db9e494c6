package io.github.probeselect.selection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.github.probeselect.error.InvalidRequestException;
import java.math.BigDecimal;
import java.math.RoundingMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DecisionPointTest {

  @ParameterizedTest(name = "{0} of {1} steps is after step {2}")
  @CsvSource({
    "0.2, 20, 4",
    "0.1, 30, 3",
    "0.2, 21, 5",
    "0.21, 20, 5",
    "0.3333333333333333, 3, 1",
    "1e-9, 20, 1",
    "1e-300, 1000, 1",
    "1, 20, 20",
    "1, 1, 1",
    "0.999, 10, 10",
    "0.5, 1, 1"
  })
  void aFractionRoundsUpToWholeSteps(double fraction, int steps, int stepsDone) {
    assertThat(DecisionPoint.fraction(fraction).stepsDone(steps)).isEqualTo(stepsDone);
  }

  @Property
  void everyDecimalFractionRoundsAsItsDecimalDigitsSay(
      @ForAll @IntRange(min = 1, max = 1000) int thousandths,
      @ForAll @IntRange(min = 1, max = 1000) int steps) {
    int exact =
        BigDecimal.valueOf(thousandths, 3)
            .multiply(BigDecimal.valueOf(steps))
            .setScale(0, RoundingMode.CEILING)
            .intValueExact();

    assertThat(DecisionPoint.fraction(thousandths / 1000.0).stepsDone(steps)).isEqualTo(exact);
  }

  @ParameterizedTest
  @ValueSource(doubles = {0, -0.1, 1.0000001, 20, Double.NaN, Double.POSITIVE_INFINITY})
  void aFractionOutsideZeroToOneIsRefused(double fraction) {
    assertThatExceptionOfType(InvalidRequestException.class)
        .isThrownBy(() -> DecisionPoint.fraction(fraction))
        .withMessageContaining("fraction")
        .withMessageContaining(String.valueOf(fraction));
  }

  @Test
  void aStepIsTakenAsItIs() {
    assertThat(DecisionPoint.step(7).stepsDone(20)).isEqualTo(7);
    assertThat(DecisionPoint.step(20).stepsDone(20)).isEqualTo(20);
  }

  @Test
  void aStepBelowOneIsRefused() {
    assertThatExceptionOfType(InvalidRequestException.class)
        .isThrownBy(() -> DecisionPoint.step(0))
        .withMessageContaining("got 0");
  }

  @Test
  void aStepBeyondTheLastIsRefused() {
    assertThatExceptionOfType(InvalidRequestException.class)
        .isThrownBy(() -> DecisionPoint.step(21).stepsDone(20))
        .withMessageContaining("step 21")
        .withMessageContaining("only 20");
  }
}
