package io.github.probeselect.apps;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class InteractiveSessionTest {

  @TempDir private Path directory;

  @Test
  void itFinishesWhoWasKeptWhoJoinedAndWhoWasResumed() throws IOException {
    int exit =
        new CommandLine(new InteractiveSession()).execute("-n=4", "-k=1", "--output=" + directory);

    assertThat(exit).isZero();
    JsonNode result = new ObjectMapper().readTree(directory.resolve("result.json").toFile());
    assertThat(result.path("images")).hasSize(4);
    assertThat(result.path("candidates")).hasSize(6);
    assertThat(result.path("candidates"))
        .extracting(candidate -> candidate.path("stepsDone").asInt())
        .filteredOn(steps -> steps == 20)
        .hasSize(4);
    assertThat(result.path("evaluations").asInt()).isEqualTo(4 * 20 + 2 * 4);
    assertThat(directory.resolve("preview-3.png")).isNotEmptyFile();
    assertThat(directory.resolve("candidates.session")).isNotEmptyFile();
  }
}
