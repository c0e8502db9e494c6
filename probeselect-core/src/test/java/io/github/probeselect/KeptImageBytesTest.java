package io.github.probeselect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.probeselect.error.InvalidRequestException;
import io.github.probeselect.image.RgbImage;
import io.github.probeselect.internal.io.PngFile;
import io.github.probeselect.testing.FakePipeline;
import io.github.probeselect.testing.ScriptedProbe;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

class KeptImageBytesTest {

  @RegisterExtension final FakePipeline fake = new FakePipeline();
  @TempDir Path directory;

  private KeptImage kept() {
    return fake.request(3, 1)
        .probe(ScriptedProbe.scores(0.25, 0.75, 0.5))
        .generate()
        .images()
        .get(0);
  }

  @Test
  void theBytesTheStreamAndTheFileAreTheSame() throws IOException {
    KeptImage kept = kept();
    Path file = directory.resolve("new/image.png");
    var stream = new ByteArrayOutputStream();

    kept.writePng(file);
    kept.writePng(stream);

    assertThat(kept.toPng()).isEqualTo(Files.readAllBytes(file)).isEqualTo(stream.toByteArray());
  }

  @Test
  void theBytesAreThePictureWithItsMetadata() throws IOException {
    KeptImage kept = kept();
    Path file = Files.write(directory.resolve("image.png"), kept.toPng());

    assertThat(RgbImage.of(ImageIO.read(new ByteArrayInputStream(kept.toPng()))))
        .isEqualTo(kept.image());
    assertThat(PngFile.readText(file))
        .containsExactly(Map.entry(KeptImage.PARAMETERS_KEY, kept.parameters()));
  }

  @Test
  void theStreamIsFlushedAndStaysOpen() throws IOException {
    var closed = new AtomicBoolean();
    var flushed = new AtomicBoolean();
    var stream =
        new ByteArrayOutputStream() {
          @Override
          public void flush() {
            flushed.set(true);
          }

          @Override
          public void close() {
            closed.set(true);
          }
        };

    kept().writePng(stream);

    assertThat(flushed).isTrue();
    assertThat(closed).isFalse();
  }

  @Test
  void aPreviewIsAPngToo() throws IOException {
    RgbImage preview =
        fake.request(2, 1).previews(true).generate().candidates().get(1).preview().orElseThrow();

    assertThat(RgbImage.of(ImageIO.read(new ByteArrayInputStream(preview.toPng()))))
        .isEqualTo(preview);
  }

  @Test
  void aVoidImageHasAWarningBesideItsTexts() throws IOException {
    RgbImage image = RgbImage.of(1, 1, new byte[3]).asVoid();
    Path file = Files.write(directory.resolve("void.png"), image.toPng(Map.of("Title", "none")));

    assertThat(PngFile.readText(file)).containsOnlyKeys("Title", "Warning");
  }

  @Test
  void aTextThatNoPngCanHoldIsRefused() {
    RgbImage image = RgbImage.of(1, 1, new byte[3]);

    assertThatThrownBy(() -> image.toPng(Map.of("", "text")))
        .isInstanceOf(InvalidRequestException.class);
    assertThatThrownBy(() -> image.toPng(Map.of("Title", "a\0b")))
        .isInstanceOf(InvalidRequestException.class);
  }
}
