package io.github.probeselect.evaluation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.probeselect.error.InvalidRequestException;
import java.util.Arrays;
import java.util.List;
import net.jqwik.api.Assume;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CapturedGainTest {

  private static final double[] METRIC = {0.1, 0.4, 0.7, 0.8};

  @Test
  void aPerfectSignalCapturesEverything() {
    for (int keep = 1; keep < METRIC.length; keep++) {
      assertThat(CapturedGain.of(METRIC, METRIC, keep).share()).isEqualTo(1);
    }
  }

  @Test
  void oneKeptIsMeasuredAgainstTheBest() {
    CapturedGain gain = CapturedGain.of(new double[] {0, 1, 9, 2}, METRIC, 1);

    assertThat(gain.keptMean()).isEqualTo(0.7);
    assertThat(gain.candidateMean()).isCloseTo(0.5, within(1e-12));
    assertThat(gain.bestMean()).isEqualTo(0.8);
    assertThat(gain.gain()).isCloseTo(0.2, within(1e-12));
    assertThat(gain.oracleGain()).isCloseTo(0.3, within(1e-12));
    assertThat(gain.share()).isCloseTo(2 / 3.0, within(1e-12));
  }

  @Test
  void severalKeptAreMeasuredAgainstAsManyBest() {
    CapturedGain gain = CapturedGain.of(new double[] {0, 8, 9, 2}, METRIC, 2);

    assertThat(gain.keptMean()).isCloseTo(0.55, within(1e-12));
    assertThat(gain.bestMean()).isCloseTo(0.75, within(1e-12));
    assertThat(gain.share()).isCloseTo(0.2, within(1e-12));
  }

  @Test
  void aConstantSignalGainsNothing() {
    assertThat(CapturedGain.of(new double[4], METRIC, 2).share()).isCloseTo(0, within(1e-12));
  }

  @Test
  void aTieAtTheCutCountsAsTheAverageOfItsMembers() {
    CapturedGain gain = CapturedGain.of(new double[] {5, 1, 5, 9}, METRIC, 2);

    assertThat(gain.keptMean()).isCloseTo((0.8 + (0.1 + 0.7) / 2) / 2, within(1e-12));
  }

  @Test
  void nanSignalsRankLast() {
    double[] signal = {Double.NaN, Double.NEGATIVE_INFINITY, -7, Double.NaN};

    assertThat(CapturedGain.of(signal, METRIC, 1).keptMean()).isEqualTo(0.7);
    assertThat(CapturedGain.of(signal, METRIC, 2).keptMean()).isCloseTo(0.55, within(1e-12));
  }

  @Test
  void whereThereIsNothingToGainThereIsNoShare() {
    CapturedGain equal = CapturedGain.of(new double[] {1, 2, 3}, new double[] {0.1, 0.1, 0.1}, 1);
    CapturedGain all = CapturedGain.of(new double[] {1, 2, 3, 4}, METRIC, 4);

    assertThat(equal.oracleGain()).isZero();
    assertThat(equal.share()).isNaN();
    assertThat(all.gain()).isZero();
    assertThat(all.share()).isNaN();
  }

  @ParameterizedTest
  @ValueSource(ints = {0, -1, 5})
  void anImpossibleNumberToKeepIsRefused(int keep) {
    assertThatThrownBy(() -> CapturedGain.of(METRIC, METRIC, keep))
        .isInstanceOf(InvalidRequestException.class)
        .hasMessageContainingAll("" + keep, "4");
  }

  @Test
  void metricsThatAreNotFiniteAndUnpairedValuesAreRefused() {
    assertThatThrownBy(() -> CapturedGain.of(new double[] {1, 2}, new double[] {1, Double.NaN}, 1))
        .isInstanceOf(InvalidRequestException.class);
    assertThatThrownBy(() -> CapturedGain.of(new double[] {1}, new double[] {1, 2}, 1))
        .isInstanceOf(InvalidRequestException.class);
    assertThatThrownBy(() -> CapturedGain.of(new double[0], new double[0], 1))
        .isInstanceOf(InvalidRequestException.class);
  }

  @Property
  void noSignalBeatsTheOracleAndAnOppositeOneLosesWhatItMissed(
      @ForAll @Size(7) List<@IntRange(min = -4, max = 4) Integer> s,
      @ForAll @Size(7) List<@IntRange(min = 0, max = 9) Integer> m,
      @ForAll @IntRange(min = 1, max = 6) int keep) {
    double[] signal = toDoubles(s);
    double[] metric = toDoubles(m);
    double[] opposite = Arrays.stream(metric).map(value -> -value).toArray();
    CapturedGain gain = CapturedGain.of(signal, metric, keep);
    Assume.that(gain.oracleGain() > 0);

    assertThat(gain.share()).isLessThanOrEqualTo(1 + 1e-12);
    assertThat(gain.keptMean())
        .isGreaterThanOrEqualTo(CapturedGain.of(opposite, metric, keep).keptMean() - 1e-12);
    double[] stretched = Arrays.stream(metric).map(value -> 3 * value - 20).toArray();
    assertThat(CapturedGain.of(signal, stretched, keep).share())
        .isCloseTo(gain.share(), within(1e-9));
  }

  private static double[] toDoubles(List<Integer> values) {
    return values.stream().mapToDouble(Integer::doubleValue).toArray();
  }
}
