package io.github.probeselect.research;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.probeselect.tools.Collect;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class TransferTest {

  private static final Path MODELS = Path.of("..", "..", "models");
  private static final Path SD2 =
      MODELS.resolve("src/main/resources/io/github/probeselect/models/tiny-sd2");
  private static final Path FLUX = MODELS.resolve("tiny-flux/bundle");

  @TempDir Path directory;

  @Test
  void everyProbeIsAppliedToEveryModelAsItIsAndAdapted() throws IOException {
    for (Path bundle : List.of(SD2, FLUX)) {
      String name = bundle.equals(SD2) ? "tiny-sd2" : "tiny-flux";
      collect(bundle, "train.txt", directory.resolve(name).resolve("training"));
      collect(bundle, "validation.txt", directory.resolve(name).resolve("validation"));
      collect(bundle, "test.txt", directory.resolve(name).resolve("test"));
    }

    int code =
        new CommandLine(new Transfer())
            .execute(
                "--bundles=" + SD2 + "," + FLUX,
                "--data=" + directory,
                "--prompts=2",
                "--epochs=1",
                "--output=" + directory);

    assertThat(code).isZero();
    JsonNode rows = new ObjectMapper().readTree(directory.resolve("transfer.json").toFile());
    assertThat(rows)
        .extracting(row -> row.path("from").asText() + " to " + row.path("to").asText())
        .containsExactly(
            "nothing to tiny-sd2",
            "tiny-sd2 to tiny-sd2",
            "tiny-flux to tiny-sd2",
            "tiny-flux to tiny-sd2",
            "nothing to tiny-flux",
            "tiny-sd2 to tiny-flux",
            "tiny-sd2 to tiny-flux",
            "tiny-flux to tiny-flux");
    assertThat(rows)
        .allSatisfy(
            row -> assertThat(row.at("/withinPromptSpearman/value").asDouble()).isBetween(-1., 1.));
    assertThat(directory.resolve("transfer.md"))
        .content()
        .contains("| probe of | tiny-sd2 | tiny-flux |", "After learning from 2 prompts");
  }

  private static void collect(Path bundle, String prompts, Path output) {
    int code =
        new CommandLine(new Collect())
            .execute(
                "--bundle=" + bundle,
                "--prompts=" + MODELS.resolve("prompts").resolve(prompts),
                "--count=2",
                "--seeds=4",
                "--fractions=0.2",
                "--output=" + output);
    assertThat(code).isZero();
  }
}
