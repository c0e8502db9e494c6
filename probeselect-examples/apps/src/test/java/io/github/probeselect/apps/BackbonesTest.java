package io.github.probeselect.apps;

import static org.assertj.core.api.Assertions.assertThat;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class BackbonesTest {

  private static final Path MODELS = Path.of("..", "..", "models");
  private static final Path SD2 =
      MODELS.resolve("src/main/resources/io/github/probeselect/models/tiny-sd2");
  private static final Path SD3 = MODELS.resolve("tiny-sd3/bundle");
  private static final Path FLUX = MODELS.resolve("tiny-flux/bundle");

  @TempDir Path directory;

  @Test
  void contactSheetsOfAllFamiliesLieSideBySide() throws IOException {
    BufferedImage one = sheets(SD3);
    BufferedImage three = sheets(SD2, SD3, FLUX);

    assertThat(three.getWidth()).isEqualTo(3 * one.getWidth());
    assertThat(three.getHeight()).isEqualTo(one.getHeight());
    BufferedImage middle = three.getSubimage(one.getWidth(), 0, one.getWidth(), one.getHeight());
    assertThat(pixels(middle)).isEqualTo(pixels(one));
  }

  private BufferedImage sheets(Path... bundles) throws IOException {
    String[] arguments = new String[bundles.length + 6];
    for (int i = 0; i < bundles.length; i++) {
      arguments[i] = bundles[i].toString();
    }
    String[] options = {"-n", "3", "-k", "1", "--output", directory.toString()};
    System.arraycopy(options, 0, arguments, bundles.length, options.length);

    assertThat(new CommandLine(new Backbones()).execute(arguments)).isZero();
    return ImageIO.read(directory.resolve("contact-sheets.png").toFile());
  }

  private static int[] pixels(BufferedImage image) {
    return image.getRGB(0, 0, image.getWidth(), image.getHeight(), null, 0, image.getWidth());
  }
}
