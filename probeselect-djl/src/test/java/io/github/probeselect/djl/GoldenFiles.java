package io.github.probeselect.djl;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.github.probeselect.image.RgbImage;
import java.io.IOException;
import java.io.InputStream;
import java.util.Objects;
import javax.imageio.ImageIO;

/** What diffusers made, as test resources, and how close to it is close enough. */
final class GoldenFiles {

  /** Python writes infinite numbers. */
  private static final JsonMapper JSON =
      JsonMapper.builder().enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS).build();

  private static final double PSNR = 45;
  private static final double RELATIVE = 1e-3;

  private GoldenFiles() {}

  /** Compares the root mean square of the difference with that of what is expected. */
  static void assertClose(float[] actual, float[] expected, String what) {
    assertThat(actual).hasSameSizeAs(expected);
    double error = 0;
    double size = 0;
    for (int i = 0; i < expected.length; i++) {
      error += Math.pow((double) actual[i] - expected[i], 2);
      size += Math.pow(expected[i], 2);
    }
    assertThat(Math.sqrt(error / size)).as("relative error of the " + what).isLessThan(RELATIVE);
  }

  /** Compares by the peak signal-to-noise ratio. */
  static void assertSamePicture(RgbImage actual, RgbImage expected) {
    byte[] a = actual.toBytes();
    byte[] b = expected.toBytes();
    assertThat(a).hasSameSizeAs(b);
    double squares = 0;
    for (int i = 0; i < a.length; i++) {
      squares += Math.pow((a[i] & 0xff) - (b[i] & 0xff), 2);
    }
    double psnr = 10 * Math.log10(255.0 * 255.0 * a.length / squares);
    assertThat(psnr).as("PSNR in dB").isGreaterThanOrEqualTo(PSNR);
  }

  static float[] floats(JsonNode values) {
    float[] floats = new float[values.size()];
    for (int i = 0; i < floats.length; i++) {
      floats[i] = (float) values.get(i).asDouble();
    }
    return floats;
  }

  static RgbImage image(String file) throws IOException {
    try (InputStream stream = open(file)) {
      return RgbImage.of(ImageIO.read(stream));
    }
  }

  static JsonNode json(String file) throws IOException {
    try (InputStream stream = open(file)) {
      return JSON.readTree(stream);
    }
  }

  private static InputStream open(String file) {
    return Objects.requireNonNull(GoldenFiles.class.getResourceAsStream("/" + file), file);
  }
}
