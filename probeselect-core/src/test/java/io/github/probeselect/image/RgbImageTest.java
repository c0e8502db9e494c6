package io.github.probeselect.image;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RgbImageTest {

  @ParameterizedTest
  @ValueSource(floats = {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY})
  void oneNumberAnywhereThatIsNotFiniteMakesItVoid(float bad) {
    long seed = System.nanoTime();
    System.out.println("seed " + seed);
    Random random = new Random(seed);
    for (int round = 0; round < 20; round++) {
      float[] planes = planes(random);
      RgbImage whole = RgbImage.ofPlanes(5, 3, planes);
      planes[random.nextInt(planes.length)] = bad;
      RgbImage image = RgbImage.ofPlanes(5, 3, planes);

      assertThat(whole.isVoid()).isFalse();
      assertThat(image.isVoid()).isTrue();
      assertThat(image.width()).isEqualTo(5);
      assertThat(image).hasToString("RgbImage[5x3, void]");
    }
  }

  @Test
  void numbersOutOfRangeAreNot() {
    float[] planes = new float[3 * 5 * 3];
    Arrays.fill(planes, Float.MAX_VALUE);
    planes[0] = -Float.MAX_VALUE;

    assertThat(RgbImage.ofPlanes(5, 3, planes).isVoid()).isFalse();
  }

  @Test
  void markedAsVoidItHasTheSamePixelsAndIsAnotherImage() {
    RgbImage image = RgbImage.ofPlanes(5, 3, planes(new Random(1)));

    assertThat(image.asVoid().isVoid()).isTrue();
    assertThat(image.asVoid().toBytes()).isEqualTo(image.toBytes());
    assertThat(image.asVoid()).isEqualTo(image.asVoid()).isNotEqualTo(image);
    assertThat(image.isVoid()).isFalse();
  }

  private static float[] planes(Random random) {
    float[] planes = new float[3 * 5 * 3];
    for (int i = 0; i < planes.length; i++) {
      planes[i] = random.nextFloat();
    }
    return planes;
  }
}
