package io.github.probeselect.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.github.probeselect.error.InvalidRequestException;
import io.github.probeselect.image.RgbImage;
import io.github.probeselect.internal.io.PngFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class WritableTextTest {

  @TempDir Path directory;

  @ParameterizedTest
  @MethodSource
  void whatNoFileCanHoldIsNamedWithItsIndex(String text, String fault) {
    assertThatExceptionOfType(InvalidRequestException.class)
        .isThrownBy(() -> WritableText.require("the prompt", text))
        .withMessageStartingWith("the prompt contains " + fault)
        .withMessageContaining("remove it");
  }

  static Stream<Arguments> whatNoFileCanHoldIsNamedWithItsIndex() {
    return Stream.of(
        arguments("a red\0circle", "a NUL (U+0000) at index 5"),
        arguments("\ud83d", "half a surrogate pair (U+D83D) at index 0"),
        arguments("a red \ud83d circle", "half a surrogate pair (U+D83D) at index 6"),
        arguments("\ude00\ud83d", "half a surrogate pair (U+DE00) at index 0"),
        arguments("\ud83d\ude00\ud83d", "half a surrogate pair (U+D83D) at index 2"),
        arguments("\ud83d\ud83d\ude00", "half a surrogate pair (U+D83D) at index 0"));
  }

  @Test
  void everyOtherCharacterComesBackFromAPng() throws IOException {
    StringBuilder all = new StringBuilder();
    for (int c = 1; c <= 0x10ffff; c += c < 0x3000 || c % 0x1000 > 0xff0 ? 1 : 97) {
      if (c < Character.MIN_SURROGATE || c > Character.MAX_SURROGATE) {
        all.appendCodePoint(c);
      }
    }
    String text = WritableText.require("a text", all.toString());
    String latin = text.substring(0, 0xff);
    Path file = directory.resolve("all.png");

    PngFile.write(file, RgbImage.of(1, 1, new byte[3]), Map.of("all", text, "latin", latin));

    assertThat(PngFile.readText(file)).isEqualTo(Map.of("all", text, "latin", latin));
  }
}
