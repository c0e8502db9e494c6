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

class SpearmanTest {

  @Test
  void theSameOrderIsOneAndTheReverseMinusOne() {
    double[] x = {1, 5, 9, 200};

    assertThat(Spearman.correlation(x, new double[] {-3, -2, 0, 1})).isEqualTo(1);
    assertThat(Spearman.correlation(x, new double[] {4, 3, 2, 1})).isEqualTo(-1);
  }

  @Test
  void withoutTiesItIsTheTextbookFormula() {
    // 1 - 6 sum(d^2) / (n (n^2 - 1)), d = 1, -1, 2, -1, -1
    double[] x = {1, 2, 3, 4, 5};
    double[] y = {2, 1, 5, 3, 4};

    assertThat(Spearman.correlation(x, y)).isCloseTo(1 - 6 * 8 / 120.0, within(1e-12));
  }

  @Test
  void tiesShareTheAverageOfTheirPlaces() {
    // Ranks 1, 2.5, 2.5, 4 against 1, 2, 3, 4: 4.5 / sqrt(4.5 * 5)
    double[] x = {1, 2, 2, 3};
    double[] y = {1, 2, 3, 4};

    assertThat(Spearman.correlation(x, y)).isCloseTo(4.5 / Math.sqrt(22.5), within(1e-12));
  }

  @Test
  void infinitiesHaveTheirPlaceAndZerosAreEqual() {
    double[] x = {Double.NEGATIVE_INFINITY, -0.0, 0.0, Double.POSITIVE_INFINITY};

    assertThat(Spearman.correlation(x, new double[] {1, 2, 2, 3})).isEqualTo(1);
  }

  @Test
  void constantInputAndFewerThanTwoPairsHaveNone() {
    assertThat(Spearman.correlation(new double[] {3, 3, 3}, new double[] {1, 2, 3})).isNaN();
    assertThat(Spearman.correlation(new double[] {1, 2, 3}, new double[] {3, 3, 3})).isNaN();
    assertThat(Spearman.correlation(new double[] {1}, new double[] {1})).isNaN();
    assertThat(Spearman.correlation(new double[0], new double[0])).isNaN();
  }

  @Test
  void nanIsRefusedWithItsPlace() {
    assertThatThrownBy(
            () -> Spearman.correlation(new double[] {1, 2}, new double[] {1, Double.NaN}))
        .isInstanceOf(InvalidRequestException.class)
        .hasMessageContaining("value 1 of y");
  }

  @Test
  void unpairedValuesAreRefused() {
    assertThatThrownBy(() -> Spearman.correlation(new double[2], new double[3]))
        .isInstanceOf(InvalidRequestException.class);
  }

  @Property
  void itIsSymmetricBoundedAndBlindToMonotoneChanges(
      @ForAll @Size(8) List<@IntRange(min = -5, max = 5) Integer> a,
      @ForAll @Size(8) List<@IntRange(min = -5, max = 5) Integer> b) {
    double[] x = toDoubles(a);
    double[] y = toDoubles(b);
    double correlation = Spearman.correlation(x, y);
    Assume.that(!Double.isNaN(correlation));

    assertThat(correlation).isBetween(-1.0, 1.0);
    assertThat(Spearman.correlation(y, x)).isEqualTo(correlation);
    double[] stretched = Arrays.stream(x).map(Math::exp).toArray();
    assertThat(Spearman.correlation(stretched, y)).isEqualTo(correlation);
    double[] negated = Arrays.stream(x).map(value -> -value).toArray();
    assertThat(Spearman.correlation(negated, y)).isCloseTo(-correlation, within(1e-12));
    assertThat(Spearman.correlation(reversed(x), reversed(y)))
        .isCloseTo(correlation, within(1e-12));
  }

  private static double[] reversed(double[] values) {
    double[] reversed = new double[values.length];
    Arrays.setAll(reversed, i -> values[values.length - 1 - i]);
    return reversed;
  }

  private static double[] toDoubles(List<Integer> values) {
    return values.stream().mapToDouble(Integer::doubleValue).toArray();
  }
}
