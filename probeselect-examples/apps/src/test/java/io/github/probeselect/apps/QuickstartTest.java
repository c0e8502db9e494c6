package io.github.probeselect.apps;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.probeselect.KeptImage;
import io.github.probeselect.internal.io.PngFile;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class QuickstartTest {

  @TempDir Path directory;

  @Test
  void itWritesTheKeptImagesTheContactSheetAndTheResult() throws IOException {
    String prompt = "two red circles on a striped pink background";

    int exit =
        new CommandLine(new Quickstart())
            .execute(
                "--prompt",
                prompt,
                "-n",
                "5",
                "-k",
                "2",
                "--first-seed",
                "40",
                "--output",
                directory.toString());

    assertThat(exit).isZero();
    JsonNode result = new ObjectMapper().readTree(directory.resolve("result.json").toFile());
    assertThat(result.path("bundle").asText()).isEqualTo("tiny-sd2");
    assertThat(result.path("prompt").asText()).isEqualTo(prompt);
    assertThat(result.path("steps").asInt()).isEqualTo(20);
    assertThat(result.path("decisionSteps").path(0).asInt()).isEqualTo(4);
    assertThat(result.path("evaluations").asInt()).isEqualTo(5 * 4 + 2 * 16);
    assertThat(result.path("evaluationsWithoutSelection").asInt()).isEqualTo(5 * 20);
    assertThat(result.path("wallSeconds").asDouble()).isPositive();
    List<Long> kept = new ArrayList<>();
    for (JsonNode candidate : result.path("candidates")) {
      assertThat(candidate.path("score").isNumber()).isTrue();
      boolean best = candidate.path("rank").asInt() <= 2;
      assertThat(candidate.path("outcome").asText()).isEqualTo(best ? "KEPT" : "PRUNED");
      if (best) {
        kept.add(candidate.path("seed").asLong());
      }
    }
    assertThat(result.path("candidates")).hasSize(5);
    assertThat(result.path("images")).hasSize(2);
    for (JsonNode image : result.path("images")) {
      Path file = directory.resolve(image.asText());
      BufferedImage picture = ImageIO.read(file.toFile());
      assertThat(picture.getWidth()).isEqualTo(64);
      assertThat(PngFile.readText(file).get(KeptImage.PARAMETERS_KEY))
          .startsWith(prompt + "\nSteps: 20, Sampler: UniPC Karras, CFG scale: 3.0, Seed: ")
          .contains("Size: 64x64");
    }
    assertThat(kept).hasSize(2).allMatch(seed -> seed >= 40 && seed < 45);
    assertThat(ImageIO.read(directory.resolve("contact-sheet.png").toFile())).isNotNull();
    assertThat(Files.list(directory)).as("no stray files").hasSize(4);
  }

  @Test
  void whatCannotBeDoneIsSaid() {
    int exit =
        new CommandLine(new Quickstart())
            .execute("-n", "2", "-k", "3", "--output", directory.toString());

    assertThat(exit).isNotZero();
  }
}
