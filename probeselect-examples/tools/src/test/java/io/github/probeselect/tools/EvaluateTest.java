package io.github.probeselect.tools;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class EvaluateTest {

  @TempDir Path directory;

  @Test
  void everySignalIsComparedAtEveryFraction() throws IOException {
    int code =
        new CommandLine(new Evaluate())
            .execute(
                "--prompts",
                Path.of("..", "..", "models", "prompts", "test.txt").toString(),
                "--count",
                "2",
                "-n",
                "8",
                "--fractions",
                "0.1,0.2",
                "--rounds",
                "1",
                "--data",
                directory.resolve("data").toString(),
                "--output",
                directory.resolve("report").toString());

    assertThat(code).isZero();
    JsonNode figures =
        new ObjectMapper().readTree(directory.resolve("report/tiny-sd2.json").toFile());
    Set<String> seen = new HashSet<>();
    for (JsonNode figure : figures) {
      seen.add(figure.get("signal").asText() + " " + figure.get("fraction").asText());
    }
    assertThat(seen)
        .contains(
            "probe 0.1",
            "probe 0.2",
            "decoded preview, scene-reward 0.1",
            "guidance gap 0.2",
            "prompt only 0.2",
            "random 0.2");
    String page = Files.readString(directory.resolve("report/tiny-sd2.md"));
    assertThat(page).contains("2 held-out prompts, 8 seeds each", "| probe |", "`scene-check`");
    for (String plot :
        new String[] {"tiny-sd2-spearman.png", "tiny-sd2-gain.png", "tiny-sd2-deviation.png"}) {
      assertThat(page).contains("(" + plot + ")");
      assertThat(ImageIO.read(directory.resolve("report").resolve(plot).toFile())).isNotNull();
    }
  }
}
