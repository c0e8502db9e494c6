package io.github.probeselect.noise;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** Noise near the noise of a seed. */
class StartingNoiseTest {

  private static final int COUNT = 20_000;

  @Test
  void withoutVariationsItIsTheNoiseOfTheSeed() {
    assertThat(StartingNoise.of(5).values(COUNT)).isEqualTo(TorchNoise.gaussian(5, COUNT));
  }

  @Test
  void isStandardNormalHoweverOftenItIsVaried() {
    StartingNoise noise = StartingNoise.of(5).varied(6, 0.3).varied(7, 0.8).varied(8, 0.1);

    float[] values = noise.values(COUNT);
    assertThat(mean(values, filled(1))).isCloseTo(0, within(0.03));
    assertThat(mean(values, values)).isCloseTo(1, within(0.03));
  }

  @Test
  void theStrengthSaysHowFarItGoes() {
    float[] own = TorchNoise.gaussian(5, COUNT);
    float[] other = TorchNoise.gaussian(6, COUNT);
    for (double strength : new double[] {0.01, 0.25, 0.5, 0.75}) {
      float[] varied = StartingNoise.of(5).varied(6, strength).values(COUNT);
      assertThat(mean(varied, own)).isCloseTo(Math.cos(strength * Math.PI / 2), within(0.03));
      assertThat(mean(varied, other)).isCloseTo(Math.sin(strength * Math.PI / 2), within(0.03));
    }
    assertThat(StartingNoise.of(5).varied(6, 1).values(COUNT))
        .containsExactly(other, within(1e-6f));
  }

  private static double mean(float[] a, float[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += (double) a[i] * b[i];
    }
    return sum / a.length;
  }

  private static float[] filled(float value) {
    float[] filled = new float[COUNT];
    Arrays.fill(filled, value);
    return filled;
  }
}
