package io.github.probeselect.research;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.probeselect.GenerationResult;
import io.github.probeselect.Pipeline;
import io.github.probeselect.ProbeSelect;
import io.github.probeselect.planning.Budget;
import io.github.probeselect.planning.Proposal;
import io.github.probeselect.tools.Calibrate;
import io.github.probeselect.tools.Collect;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class StudyBudgetsTest {

  private static final Path MODELS = Path.of("..", "..", "models");

  @TempDir Path directory;

  @Test
  void aCalibratedBundleSpendsBudgetsAndTheStudyReportsThem() throws IOException {
    Path bundle = directory.resolve("bundle");
    UncalibratedBundle.copy(
        MODELS.resolve("src/main/resources/io/github/probeselect/models/tiny-sd2"), bundle);

    run(
        new Calibrate(),
        "--bundle=" + bundle,
        "--prompts=" + MODELS.resolve("prompts/validation.txt"),
        "--count=3",
        "-n=5",
        "--fractions=0.1,0.2,0.4",
        "--data=" + directory.resolve("calibration"));
    run(
        new Collect(),
        "--bundle=" + bundle,
        "--prompts=" + MODELS.resolve("prompts/test.txt"),
        "--count=2",
        "--seeds=5",
        "--fractions=0.1,0.2,0.4",
        "--previews",
        "--output=" + directory.resolve("test/tiny-sd2"));
    run(
        new StudyBudgets(),
        "--bundle=" + bundle,
        "--data=" + directory.resolve("test"),
        "--budgets=1.5,2",
        "--live=2",
        "--live-budgets=1.5,2",
        "--prompts=" + MODELS.resolve("prompts/test.txt"),
        "--output=" + directory.resolve("report"));

    JsonNode numbers =
        new ObjectMapper().readTree(directory.resolve("report/tiny-sd2.json").toFile());
    assertThat(numbers.path("live"))
        .hasSize(2)
        .allMatch(row -> row.path("seconds").asDouble() > 0)
        .allMatch(
            row ->
                row.path("gain").path("value").asDouble() == 0
                    || row.path("ratio").path("value").isNumber())
        .allMatch(row -> row.path("prompts").asInt() == 2);
    JsonNode rows = numbers.path("replayed");
    assertThat(rows).hasSize(12);
    assertThat(rows)
        .extracting(row -> row.path("use").asText())
        .contains(
            "planned",
            "planned, adaptive",
            "best of N",
            "all 5 known",
            "one cut at 20%, probe",
            "one cut at 20%, decoded preview, scene-reward");
    assertThat(directory.resolve("report/tiny-sd2.md"))
        .content()
        .contains("| best of N |", "## By the clock", "- **2.0 full runs:** start ");
    assertThat(directory.resolve("report/tiny-sd2.png")).isNotEmptyFile();
    budgetIsKept(bundle);
  }

  private static void budgetIsKept(Path bundle) {
    try (Pipeline pipeline = ProbeSelect.open(bundle)) {
      Proposal proposal = pipeline.plan(Budget.fullRuns(2), 1);
      GenerationResult result =
          pipeline.request("a red circle").budget(Budget.fullRuns(2)).generate();

      assertThat(result.candidates()).hasSize(proposal.candidates());
      assertThat(result.images()).hasSize(1);
      assertThat((double) result.evaluations().spent()).isLessThanOrEqualTo(proposal.budget());
    }
  }

  private static void run(Object command, String... args) {
    assertThat(new CommandLine(command).execute(args)).isZero();
  }
}
