package io.github.probeselect.internal.io;

import static io.github.probeselect.internal.io.NpyArray.Type.FLOAT32;
import static io.github.probeselect.internal.io.NpyArray.Type.FLOAT64;
import static io.github.probeselect.internal.io.NpyArray.Type.UINT8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIOException;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.probeselect.error.InvalidRequestException;
import io.github.probeselect.internal.io.NpyArray.Layout;
import java.io.IOException;
import java.io.InputStream;
import java.util.HexFormat;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Reads what {@code models/tests/golden/npy.py} wrote with numpy. */
class NpyArrayTest {

  private static final Layout LAYOUT = Layout.of(FLOAT32, 2, 3, 4);

  private static JsonNode golden() throws IOException {
    try (InputStream stream = NpyArrayTest.class.getResourceAsStream("/npz/arrays.json")) {
      return new ObjectMapper().readTree(stream);
    }
  }

  static Stream<String> valid() throws IOException {
    return golden().properties().stream().map(Map.Entry::getKey).filter(n -> !isWrong(n));
  }

  static Stream<String> wrong() throws IOException {
    return golden().properties().stream().map(Map.Entry::getKey).filter(NpyArrayTest::isWrong);
  }

  private static boolean isWrong(String name) {
    return name.startsWith("wrong-");
  }

  private static byte[] file(String name) throws IOException {
    return HexFormat.of().parseHex(golden().get(name).asText());
  }

  @ParameterizedTest
  @MethodSource("valid")
  void everyFormOfTheFormatGivesTheSameValues(String name) throws IOException {
    float[] expected = new float[24];
    for (int i = 0; i < expected.length; i++) {
      expected[i] = i - 7;
    }

    assertThat(NpyArray.read(file(name), LAYOUT).floats(0, 24)).containsExactly(expected);
  }

  @ParameterizedTest
  @MethodSource("wrong")
  void whatIsNotTheFormatOrAnotherArrayIsRefused(String name) throws IOException {
    byte[] file = file(name);

    assertThatIOException()
        .isThrownBy(() -> NpyArray.read(file, LAYOUT))
        .withMessageStartingWith("it");
  }

  @Test
  void whatIsWrittenIsWhatNumpyWrites() throws IOException {
    NpyArray array = NpyArray.zeros(LAYOUT);
    array.put(0, NpyArray.read(file("v1"), LAYOUT).floats(0, 24));

    assertThat(array.toBytes()).isEqualTo(file("v1"));
  }

  @Test
  void twoGibibytesAndMoreAreRefusedAndNotOverflowed() {
    for (Layout layout :
        new Layout[] {
          Layout.of(UINT8, Integer.MAX_VALUE),
          Layout.of(FLOAT32, 1 << 29),
          Layout.of(FLOAT64, 1 << 16, 1 << 16),
          Layout.of(FLOAT64, 1 << 30, 1 << 30, 1 << 30, 4),
          Layout.of(FLOAT32, -1, -4),
        }) {
      assertThat(layout.isWithinReach()).isFalse();
      assertThatExceptionOfType(InvalidRequestException.class)
          .isThrownBy(() -> NpyArray.zeros(layout))
          .withMessageContaining("2 GiB");
    }
    assertThat(Layout.of(FLOAT32, (1 << 29) - 64).isWithinReach()).isTrue();
    assertThat(Layout.of(FLOAT32, 1 << 20, 1 << 20, 0).isWithinReach()).isTrue();
  }
}
