package io.github.probeselect.evaluation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.probeselect.error.InvalidRequestException;
import java.util.Random;
import org.junit.jupiter.api.Test;

class BootstrapTest {

  @Test
  void theIntervalOfAMeanIsThatOfTheNormalApproximation() {
    double[] values = new Random(20).doubles(400).toArray();

    Interval interval = Bootstrap.mean(values, Bootstrap.RESAMPLES, 1);

    double mean = 0;
    for (double value : values) {
      mean += value / values.length;
    }
    double halfWidth = 1.96 * Math.sqrt(1 / 12.0 / 400);
    assertThat(interval.value()).isCloseTo(mean, within(1e-12));
    assertThat(interval.low()).isCloseTo(mean - halfWidth, within(0.004));
    assertThat(interval.high()).isCloseTo(mean + halfWidth, within(0.004));
  }

  @Test
  void ninetyFiveOfAHundredIntervalsContainTheTrueMean() {
    var random = new Random(21);
    int containing = 0;
    for (int trial = 0; trial < 400; trial++) {
      double[] values = random.doubles(60).toArray();
      containing += Bootstrap.mean(values, 400, trial).excludes(0.5) ? 0 : 1;
    }

    assertThat(containing).isBetween(360, 396);
  }

  @Test
  void theSameSeedGivesTheSameInterval() {
    double[] values = {1, 2, 5, 3};

    assertThat(Bootstrap.mean(values, 100, 9)).isEqualTo(Bootstrap.mean(values, 100, 9));
  }

  @Test
  void constantValuesHaveAnIntervalOfNoWidth() {
    assertThat(Bootstrap.mean(new double[] {2, 2, 2}, 100, 0)).isEqualTo(new Interval(2, 2, 2));
  }

  @Test
  void aRatioIsOfTheSums() {
    Interval interval = Bootstrap.ratio(new double[] {1, 3}, new double[] {2, 2}, 1000, 0);

    assertThat(interval).isEqualTo(new Interval(1, 0.5, 1.5));
  }

  @Test
  void aRatioOverNothingIsUndefined() {
    assertThat(Bootstrap.ratio(new double[] {0, 0}, new double[] {0, 0}, 10, 0).value()).isNaN();
  }

  @Test
  void resamplesOverNothingAreLeftOutOfARatio() {
    Interval interval = Bootstrap.ratio(new double[] {0, 1}, new double[] {0, 2}, 1000, 0);

    assertThat(interval).isEqualTo(new Interval(0.5, 0.5, 0.5));
  }

  @Test
  void badInputIsRefused() {
    assertThatThrownBy(() -> Bootstrap.mean(new double[0], 10, 0))
        .isInstanceOf(InvalidRequestException.class);
    assertThatThrownBy(() -> Bootstrap.mean(new double[] {1, Double.NaN}, 10, 0))
        .isInstanceOf(InvalidRequestException.class)
        .hasMessageContaining("prompt 1");
    assertThatThrownBy(() -> Bootstrap.mean(new double[] {1}, 0, 0))
        .isInstanceOf(InvalidRequestException.class);
    assertThatThrownBy(() -> Bootstrap.ratio(new double[] {1}, new double[] {1, 2}, 10, 0))
        .isInstanceOf(InvalidRequestException.class);
  }

  @Test
  void anIntervalInTheWrongOrderIsRefused() {
    assertThatThrownBy(() -> new Interval(0, 1, -1)).isInstanceOf(InvalidRequestException.class);
  }

  @Test
  void anIntervalExcludesWhatLiesOutside() {
    var interval = new Interval(0.2, 0.1, 0.3);

    assertThat(interval.excludes(0)).isTrue();
    assertThat(interval.excludes(0.4)).isTrue();
    assertThat(interval.excludes(0.1)).isFalse();
  }
}
