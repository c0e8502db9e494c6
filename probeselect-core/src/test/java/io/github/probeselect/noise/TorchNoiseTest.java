package io.github.probeselect.noise;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.probeselect.error.InvalidRequestException;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class TorchNoiseTest {

  private static final double TOLERANCE = 1e-6;

  static Stream<Arguments> drawsOfTorch() throws IOException {
    try (InputStream file = TorchNoiseTest.class.getResourceAsStream("/golden/torch-noise.json")) {
      JsonNode cases = new ObjectMapper().readTree(file);
      return StreamSupport.stream(cases.spliterator(), false)
          .map(draw -> Arguments.of(draw.get("seed").asLong(), draw.get("count").asInt(), draw));
    }
  }

  @ParameterizedTest(name = "seed {0}, {1} numbers")
  @MethodSource("drawsOfTorch")
  void theNumbersAreThoseOfTorch(long seed, int count, JsonNode draw) {
    float[] noise = TorchNoise.gaussian(seed, count);

    assertThat(noise).hasSize(count);
    for (int i = 0; i < draw.get("indices").size(); i++) {
      int index = draw.get("indices").get(i).asInt();
      assertThat(noise[index])
          .as("number %d", index)
          .isCloseTo((float) draw.get("values").get(i).asDouble(), within((float) TOLERANCE));
    }
    double sum = 0;
    double weightedSum = 0;
    for (int i = 0; i < count; i++) {
      sum += noise[i];
      weightedSum += (double) noise[i] * (i % 17);
    }
    assertThat(sum).isCloseTo(draw.get("sum").asDouble(), within(TOLERANCE * count));
    assertThat(weightedSum)
        .isCloseTo(draw.get("weightedSum").asDouble(), within(16 * TOLERANCE * count));
  }

  @Test
  void theSameSeedGivesTheSameBits() {
    assertThat(TorchNoise.gaussian(7, 1030)).isEqualTo(TorchNoise.gaussian(7, 1030));
  }

  @Test
  void otherSeedsGiveOtherNoise() {
    assertThat(TorchNoise.gaussian(7, 64)).isNotEqualTo(TorchNoise.gaussian(8, 64));
  }

  @Test
  void onlyTheLow32BitsOfTheSeedCount() {
    assertThat(TorchNoise.gaussian(42 + (5L << 32), 64)).isEqualTo(TorchNoise.gaussian(42, 64));
  }

  @Property(tries = 100)
  void aShortDrawIsThePrefixOfALongerShortDraw(
      @ForAll long seed, @ForAll @IntRange(max = 15) int count) {
    assertThat(TorchNoise.gaussian(seed, count))
        .isEqualTo(Arrays.copyOf(TorchNoise.gaussian(seed, 15), count));
  }

  @Property(tries = 100)
  void aDrawOfWholeBlocksIsThePrefixOfALongerOne(
      @ForAll long seed,
      @ForAll @IntRange(min = 1, max = 9) int blocks,
      @ForAll @IntRange(min = 1, max = 9) int more) {
    assertThat(TorchNoise.gaussian(seed, 16 * blocks))
        .isEqualTo(Arrays.copyOf(TorchNoise.gaussian(seed, 16 * (blocks + more)), 16 * blocks));
  }

  @Test
  void everyNumberIsFiniteAndTheyAreStandardNormal() {
    float[] noise = TorchNoise.gaussian(11, 200_000);

    double sum = 0;
    double squares = 0;
    for (float value : noise) {
      assertThat(Float.isFinite(value)).isTrue();
      sum += value;
      squares += (double) value * value;
    }
    assertThat(sum / noise.length).isCloseTo(0, within(0.01));
    assertThat(squares / noise.length).isCloseTo(1, within(0.02));
  }

  @Test
  void aNegativeCountIsRefused() {
    assertThatThrownBy(() -> TorchNoise.gaussian(0, -1))
        .isInstanceOf(InvalidRequestException.class)
        .hasMessageContaining("-1");
  }
}
