package io.github.probeselect.internal.io;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.probeselect.error.InvalidRequestException;
import io.github.probeselect.image.RgbImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PngFileTest {

  private static final String PARAMETERS =
      "a red circle\nNegative prompt: blur\nSteps: 20, Sampler: DDIM, CFG scale: 3.0, Seed: 7";

  @TempDir private Path directory;

  @Test
  void pixelsComeBackAsTheyWere() throws IOException {
    RgbImage image = randomImage(17, 9);

    PngFile.write(file(), image, Map.of("parameters", PARAMETERS));

    assertThat(RgbImage.of(ImageIO.read(file().toFile()))).isEqualTo(image);
  }

  @Test
  void textsComeBackAsTheyWere() throws IOException {
    Map<String, String> texts = new LinkedHashMap<>();
    texts.put("parameters", PARAMETERS);
    texts.put("Comment", "caf\u00e9 \u00b1 2");
    texts.put("Title", "\u4e00\u4e2a\u7ea2\u8272\u7684\u5706 \ud83d\udd34\nzweite Zeile");
    texts.put("Empty", "");

    PngFile.write(file(), randomImage(4, 4), texts);

    assertThat(PngFile.readText(file())).isEqualTo(texts);
  }

  @Test
  void latinTextsArePlainChunksBeforeThePixelsAndOthersAreInternational() throws IOException {
    PngFile.write(file(), randomImage(4, 4), Map.of("parameters", PARAMETERS, "Title", "\u7ea2"));

    String content = Files.readString(file(), ISO_8859_1);
    assertThat(content).contains("tEXtparameters\0" + PARAMETERS);
    assertThat(content).contains("iTXtTitle\0\0\0\0\0" + "\u00e7\u00ba\u00a2");
    assertThat(content.indexOf("tEXt")).isLessThan(content.indexOf("IDAT"));
    assertThat(content.indexOf("iTXt")).isLessThan(content.indexOf("IDAT"));
  }

  @Test
  void anImageWithoutTextsHasNone() throws IOException {
    PngFile.write(file(), randomImage(4, 4), Map.of());

    assertThat(PngFile.readText(file())).isEmpty();
  }

  @Test
  void anExistingFileIsReplacedAndNothingElseIsLeftBehind() throws IOException {
    PngFile.write(file(), randomImage(4, 4), Map.of("a", "old"));
    PngFile.write(file(), randomImage(8, 8), Map.of("a", "new"));

    assertThat(PngFile.readText(file())).containsExactly(Map.entry("a", "new"));
    try (var files = Files.list(file().getParent())) {
      assertThat(files).containsExactly(file());
    }
  }

  @Test
  void aFailedWriteLeavesNothingBehind() throws IOException {
    Files.createDirectories(file().resolve("occupied"));

    assertThatThrownBy(() -> PngFile.write(file(), randomImage(4, 4), Map.of()))
        .isInstanceOf(IOException.class);
    try (var files = Files.list(file().getParent())) {
      assertThat(files).containsExactly(file());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", " a", "a ", "a  b", "a\nb", "\u4e00", "\u00a0"})
  void aKeywordThatPngDoesNotAllowIsRefused(String keyword) {
    assertThatThrownBy(() -> PngFile.write(file(), randomImage(4, 4), Map.of(keyword, "text")))
        .isInstanceOf(InvalidRequestException.class);
    assertThat(file()).doesNotExist();
  }

  @Test
  void aKeywordOf79CharactersIsTheLongest() throws IOException {
    PngFile.write(file(), randomImage(4, 4), Map.of("k".repeat(79), "text"));

    assertThat(PngFile.readText(file())).containsKey("k".repeat(79));
    assertThatThrownBy(
            () -> PngFile.write(file(), randomImage(4, 4), Map.of("k".repeat(80), "text")))
        .isInstanceOf(InvalidRequestException.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"a\0b", "\ud83d"})
  void aTextThatCannotBeWrittenIsRefused(String text) {
    assertThatThrownBy(() -> PngFile.write(file(), randomImage(4, 4), Map.of("parameters", text)))
        .isInstanceOf(InvalidRequestException.class)
        .hasMessageContaining("parameters");
  }

  @Test
  void aFileThatIsNotAPngIsRefusedByName() throws IOException {
    Path text = Files.writeString(directory.resolve("notes.txt"), "not an image");

    assertThatThrownBy(() -> PngFile.readText(text))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("notes.txt");
  }

  private Path file() {
    return directory.resolve("images").resolve("image.png");
  }

  private static RgbImage randomImage(int width, int height) {
    byte[] rgb = new byte[3 * width * height];
    new Random(width).nextBytes(rgb);
    return RgbImage.of(width, height, rgb);
  }
}
