package io.github.probeselect.research;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.probeselect.tools.Collect;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class AblateTest {

  @TempDir Path directory;

  @Test
  void everyProbeIsTrainedOnceAndReported() throws IOException {
    collect("train.txt", "training");
    collect("validation.txt", "validation");
    collect("test.txt", "test");

    assertThat(ablate()).isZero();

    String page = Files.readString(directory.resolve("report/tiny-sd2-ablations.md"));
    assertThat(page)
        .contains(
            "| everything |",
            "| mid_block alone |",
            "| no x0 prediction |",
            "| taps on 1 x 1 cells |",
            "| 4 channels of each tap |",
            "| 1 training prompts |",
            "| published terms, no picture |");
    JsonNode rows =
        new ObjectMapper().readTree(directory.resolve("report/tiny-sd2-ablations.json").toFile());
    assertThat(rows)
        .allSatisfy(row -> assertThat(row.at("/capturedGain/value").asDouble()).isBetween(-9., 1.));

    Path result = directory.resolve("work/tiny-sd2/everything.json");
    Files.writeString(result, Files.readString(result).replace("everything", "kept"));
    assertThat(ablate()).isZero();
    assertThat(directory.resolve("report/tiny-sd2-ablations.md")).content().contains("| kept |");
  }

  private int ablate() {
    List<String> args = new ArrayList<>(List.of("--prompts", "2", "--epochs", "1"));
    for (String name : List.of("training", "validation", "test", "work")) {
      args.addAll(List.of("--" + name, directory.resolve(name).toString()));
    }
    args.addAll(List.of("--output", directory.resolve("report").toString()));
    return new CommandLine(new Ablate()).execute(args.toArray(String[]::new));
  }

  private void collect(String prompts, String name) {
    int code =
        new CommandLine(new Collect())
            .execute(
                "--prompts",
                Path.of("..", "..", "models", "prompts", prompts).toString(),
                "--count",
                "2",
                "--seeds",
                "4",
                "--fractions",
                "0.2",
                "--output",
                directory.resolve(name).toString());
    assertThat(code).isZero();
  }
}
