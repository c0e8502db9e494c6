package io.github.probeselect.noise;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class MersenneTwisterTest {

  @Test
  void theTenThousandthNumberOfTheDefaultSeedIsThatOfTheCppStandard() {
    var random = new MersenneTwister(5489);

    int last = 0;
    for (int i = 0; i < 10_000; i++) {
      last = random.nextBits();
    }

    assertThat(Integer.toUnsignedLong(last)).isEqualTo(4123659995L);
  }

  @Test
  void uniformNumbersLieInTheUnitInterval() {
    var random = new MersenneTwister(1);

    for (int i = 0; i < 10_000; i++) {
      assertThat(random.nextFloat()).isBetween(0f, Math.nextDown(1f));
      assertThat(random.nextDouble()).isBetween(0.0, Math.nextDown(1.0));
    }
  }
}
