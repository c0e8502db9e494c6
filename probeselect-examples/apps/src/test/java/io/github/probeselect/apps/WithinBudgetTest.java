package io.github.probeselect.apps;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class WithinBudgetTest {

  @TempDir private Path directory;

  @Test
  void moreThanTwoCandidatesFitIntoTwoFullRuns() throws IOException {
    int exit =
        new CommandLine(new WithinBudget()).execute("--full-runs=2", "--output=" + directory);

    assertThat(exit).isZero();
    JsonNode result = new ObjectMapper().readTree(directory.resolve("result.json").toFile());
    assertThat(result.path("candidates").size()).isGreaterThan(2);
    assertThat(result.path("plan").path("cuts")).isNotEmpty();
    assertThat(result.path("images")).hasSize(1);
  }
}
