package io.github.probeselect.research;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.probeselect.image.RgbImage;
import io.github.probeselect.research.StudyHalfPrecision.Outcome;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

class StudyHalfPrecisionTest {

  private static final Path MODELS = Path.of("..", "..", "models");

  private static RgbImage grey(int value) {
    byte[] rgb = new byte[3 * 4];
    Arrays.fill(rgb, (byte) value);
    return RgbImage.of(2, 2, rgb);
  }

  @Test
  void theSameBundleIsEqual() {
    Path bundle = MODELS.resolve("tiny-flux/bundle");
    PrintStream before = System.out;
    ByteArrayOutputStream printed = new ByteArrayOutputStream();
    System.setOut(new PrintStream(printed, true, StandardCharsets.UTF_8));
    try {
      assertThat(
              new CommandLine(new StudyHalfPrecision())
                  .execute(
                      "--bundle=" + bundle,
                      "--half=" + bundle,
                      "--prompts=" + MODELS.resolve("prompts/test.txt"),
                      "--count=2",
                      "-n=3",
                      "-k=1"))
          .isZero();
    } finally {
      System.setOut(before);
    }
    assertThat(printed.toString(StandardCharsets.UTF_8))
        .contains(
            "| bundle | 0.00 | equal | 1.000 [1.000, 1.000] | 1.000 [1.000, 1.000] | 100% |"
                + " +0.000 [+0.000, +0.000] | 0 |");
  }

  @Test
  void differencesAndVoidImagesAreCounted() {
    PrecisionReport report = new PrecisionReport("half", 2);
    report.add(
        new Outcome(
            List.of(1.0, 2.0, 3.0, 4.0),
            List.of(grey(10), grey(10), grey(10), grey(10)),
            List.of(1.0, 2.0, 3.0, 4.0)),
        new Outcome(
            List.of(4.0, 3.0, 2.0, 1.0),
            List.of(grey(10), grey(20), grey(40), grey(0).asVoid()),
            List.of(1.0, 3.0, 2.0, Double.NaN)));

    // Differences of 0, 10 and 30; 10 * log10(255^2 / 10^2) and the same of 30; ranks 1, 3, 2.
    // Kept were the seeds 2 and 3 with a mean of 3.5, kept are 0 and 1 with a mean of 2.
    assertThat(report.row())
        .isEqualTo(
            "| half | 13.33 | 28.1 dB (18.6) | 0.500 [0.500, 0.500] | -1.000 [-1.000, -1.000] |"
                + " 0% | -1.500 [-1.500, -1.500] | 1 |");
  }
}
