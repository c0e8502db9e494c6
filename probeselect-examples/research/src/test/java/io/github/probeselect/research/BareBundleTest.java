package io.github.probeselect.research;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.github.probeselect.GenerationResult;
import io.github.probeselect.Pipeline;
import io.github.probeselect.ProbeSelect;
import io.github.probeselect.apps.InteractiveSession;
import io.github.probeselect.apps.Quickstart;
import io.github.probeselect.error.InvalidCalibrationException;
import io.github.probeselect.model.LearnedMetric;
import io.github.probeselect.model.QualityMetric;
import io.github.probeselect.planning.Budget;
import io.github.probeselect.planning.Proposal;
import io.github.probeselect.tools.Calibrate;
import io.github.probeselect.tools.Evaluate;
import io.github.probeselect.tools.MeasureCost;
import io.github.probeselect.tools.MeasureLoad;
import io.github.probeselect.tools.MeasureMemory;
import io.github.probeselect.tools.MeasureOverhead;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

/** A bundle as the export of a checkpoint leaves it: without metric, probe and calibration. */
class BareBundleTest {

  private static final Path MODELS = Path.of("..", "..", "models");
  private static final Path METRIC =
      Path.of(
          "..", "..", "probeselect-djl", "src", "test", "resources", "metrics", "random-clipscore");

  @TempDir Path directory;
  private Path bundle;

  @BeforeEach
  void strip() throws IOException {
    bundle = directory.resolve("bundle");
    UncalibratedBundle.copyBare(MODELS.resolve("tiny-sd3/bundle"), bundle);
  }

  @Test
  void withoutAMetricEveryCommandSaysWhatToDo() {
    for (Callable<Integer> command :
        List.of(
            new Calibrate(),
            new Evaluate(),
            new StudySecondWave(),
            new Quickstart(),
            new InteractiveSession(),
            new MeasureCost(),
            new MeasureMemory(),
            new MeasureOverhead())) {
      List<String> arguments = new ArrayList<>(List.of("--bundle=" + bundle));
      if (command instanceof Evaluate || command instanceof Calibrate) {
        arguments.add("--prompts=" + MODELS.resolve("prompts/test.txt"));
      }
      if (command instanceof StudySecondWave) {
        arguments.addAll(List.of("--prompts=" + MODELS.resolve("prompts/test.txt"), "--count=1"));
      }
      assertThat(refused(command, arguments))
          .as(command.getClass().getSimpleName())
          .contains("the bundle tiny-sd3 has no metric to score images by; give one with --metric");
    }
    assertThat(refused(new StudyBudgets(), List.of("--bundle=" + bundle)))
        .contains("has no calibration to plan from; run Calibrate");
    assertThat(refused(new Transfer(), List.of("--bundles=" + bundle, "--data=" + directory)))
        .contains("has no metric", "inside the bundle; export it with --metric NAME=DIR");
  }

  @ParameterizedTest
  @ValueSource(strings = {"StudySecondWave", "MeasureLoad"})
  void aRefusalIsAllThatIsPrinted(String command) throws Exception {
    Path errors = directory.resolve("errors.txt");
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-classpath",
                System.getProperty("java.class.path"),
                Examples.class.getName(),
                command,
                "--bundle=" + bundle)
            .directory(ProjectDocuments.ROOT.toFile())
            .redirectError(errors.toFile())
            .start();

    assertThat(process.waitFor()).isEqualTo(1);
    assertThat(errors)
        .content()
        .startsWith("error: the bundle tiny-sd3 has no metric to score images by")
        .hasLineCount(1);
  }

  @Test
  void promptsThatAreNoScenesAreScoredByTheMetricAlone() throws IOException {
    Path prompts = directory.resolve("prompts.txt");
    Files.writeString(prompts, "a cat on a skateboard\na watercolour of a harbour\n");

    run(
        new Evaluate(),
        "--prompts=" + prompts,
        "-n=4",
        "--fractions=0.2",
        "--rounds=1",
        "--data=" + directory.resolve("test"),
        "--output=" + directory.resolve("evaluation"));

    assertThat(directory.resolve("evaluation/tiny-sd3.md"))
        .content()
        .contains("2 held-out prompts", "## Scored by `random-clipscore`")
        .doesNotContain("scene-check");
  }

  @Test
  void aMetricDirectoryCalibratesPlansAndRescores() throws IOException {
    Path tests = MODELS.resolve("prompts/test.txt");
    run(
        new Calibrate(),
        "--prompts=" + MODELS.resolve("prompts/validation.txt"),
        "--count=3",
        "-n=5",
        "--fractions=0.1,0.2,0.4",
        "--data=" + directory.resolve("calibration"));
    run(
        new Evaluate(),
        "--prompts=" + tests,
        "--count=2",
        "-n=5",
        "--fractions=0.1,0.2,0.4",
        "--rounds=1",
        "--data=" + directory.resolve("test"),
        "--output=" + directory.resolve("evaluation"));
    run(
        new StudyBudgets(),
        "--prompts=" + tests,
        "--data=" + directory.resolve("test"),
        "--budgets=2",
        "--live=1",
        "--live-budgets=2",
        "--output=" + directory.resolve("selection"));
    run(new StudySecondWave(), "--prompts=" + tests, "--count=1", "-n=4", "--parents=1");
    run(new Quickstart(), "-n=4", "-k=1", "--output=" + directory.resolve("quickstart"));
    run(new InteractiveSession(), "-n=4", "-k=2", "--output=" + directory.resolve("led"));
    run(new MeasureCost(), "-n=4", "-k=2", "--rounds=1");
    run(new MeasureLoad(), "-n=4", "-k=2", "--rounds=1", "--busy=1");

    assertThat(directory.resolve("evaluation/tiny-sd3.md"))
        .content()
        .contains("## Scored by `random-clipscore`", "| decoded preview, random-clipscore |")
        .contains("Against best-of-N at equal cost, by `random-clipscore`")
        .doesNotContain("| probe |", "The probe at every fraction");
    assertThat(directory.resolve("selection/tiny-sd3.md"))
        .content()
        .contains("by `random-clipscore`", "| one cut at 20%, decoded preview, random-clipscore |");
    budgetsAreSpentByTheMetric();
  }

  private void budgetsAreSpentByTheMetric() {
    Budget budget = Budget.fullRuns(2);
    try (Pipeline pipeline = ProbeSelect.open(bundle);
        LearnedMetric metric = ProbeSelect.openMetric(METRIC)) {
      Proposal proposal = pipeline.plan(budget, 1, metric);
      GenerationResult result =
          pipeline.request("a red circle").budget(budget).rescoreBy(metric).generate();

      assertThat(result.candidates()).hasSize(proposal.candidates());
      assertThat((double) result.evaluations().spent()).isLessThanOrEqualTo(proposal.budget());
      assertThat(result.candidates()).anyMatch(candidate -> candidate.finalScore().isPresent());
      QualityMetric another = QualityMetric.of(metric.name(), (image, prompt) -> 0);
      assertThatExceptionOfType(InvalidCalibrationException.class)
          .isThrownBy(() -> pipeline.plan(budget, 1, another))
          .withMessageContaining("the metric 'random-clipscore' is another");
    }
  }

  private void run(Callable<Integer> command, String... arguments) {
    List<String> all = new ArrayList<>(List.of("--bundle=" + bundle, "--metric=" + METRIC));
    all.addAll(List.of(arguments));
    assertThat(new CommandLine(command).execute(all.toArray(String[]::new)))
        .as(command.getClass().getSimpleName())
        .isZero();
  }

  private static String refused(Callable<Integer> command, List<String> arguments) {
    StringWriter errors = new StringWriter();
    CommandLine line = new CommandLine(command).setErr(new PrintWriter(errors, true));
    assertThat(line.execute(arguments.toArray(String[]::new))).isNotZero();
    return errors.toString();
  }
}
