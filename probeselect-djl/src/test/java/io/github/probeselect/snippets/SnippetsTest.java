package io.github.probeselect.snippets;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.github.probeselect.GenerationResult;
import io.github.probeselect.KeptImage;
import io.github.probeselect.error.GenerationCancelledException;
import io.github.probeselect.model.QualityMetric;
import io.github.probeselect.schedule.Scheduler;
import io.github.probeselect.selection.Cut;
import io.github.probeselect.selection.Forecast;
import io.github.probeselect.selection.SelectionPlan;
import io.github.probeselect.selection.SelectionPolicy;
import io.github.probeselect.testing.FakePipeline;
import io.github.probeselect.testing.Gate;
import io.github.probeselect.testing.ScriptedProbe;
import io.github.probeselect.testing.Stage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The examples of the Javadoc compile and do what they show. */
class SnippetsTest {

  private static final List<Path> SOURCES =
      List.of(Path.of("../probeselect-core/src/main/java"), Path.of("src/main/java"));
  private static final Path SNIPPETS =
      Path.of("src/test/java/io/github/probeselect/snippets/Snippets.java");
  private static final Pattern EXAMPLE =
      Pattern.compile("<pre>\\{@code\\n(.*?)\\n *\\* *\\}</pre>", Pattern.DOTALL);

  @RegisterExtension final FakePipeline fake = new FakePipeline();

  /** Examples in Java have a semicolon; the others are formulas. */
  static List<Named<String>> examples() throws IOException {
    List<Named<String>> examples = new ArrayList<>();
    for (Path sources : SOURCES) {
      try (Stream<Path> files = Files.walk(sources)) {
        for (Path file : files.filter(path -> path.toString().endsWith(".java")).toList()) {
          EXAMPLE
              .matcher(Files.readString(file))
              .results()
              .map((MatchResult match) -> match.group(1).replaceAll("(?m)^ *\\*", ""))
              .filter(code -> code.contains(";"))
              .forEach(code -> examples.add(Named.of(file.getFileName().toString(), code)));
        }
      }
    }
    return examples;
  }

  @ParameterizedTest
  @MethodSource("examples")
  void everyExampleIsCompiled(String code) throws IOException {
    assertThat(squeezed(Files.readString(SNIPPETS))).contains(squeezed(code));
  }

  @Test
  void whatACallerMeetsFirstHasAnExample() throws IOException {
    assertThat(examples())
        .extracting(Named::getName)
        .contains(
            "ProbeSelect.java",
            "Pipeline.java",
            "GenerationRequest.java",
            "Generation.java",
            "Probe.java",
            "QualityMetric.java",
            "SelectionPolicy.java");
  }

  @Test
  void theCutsRun() {
    QualityMetric corner = QualityMetric.of("corner", (image, prompt) -> image.red(0, 0));
    GenerationResult result =
        Snippets.cuts(fake.pipeline().request("a red circle").steps(10), corner).generate();

    assertThat(result.images()).hasSize(1);
    assertThat(result.evaluations().spent()).isEqualTo(16 + 8 * 2 + 3 * 7);
  }

  @Test
  void theSelectionRuns() {
    SelectionPlan plan =
        SelectionPlan.of(
            10,
            List.of(Cut.at(0.2, 3), Cut.at(0.4, 1)),
            1,
            SelectionPolicy.topK(),
            Forecast.latest(),
            false);

    assertThat(Snippets.selection(plan, List.of(7L, 8L, 9L, 10L))).containsExactly(3);
  }

  @Test
  void theRequestRuns() {
    GenerationResult result = Snippets.generationRequest(fake.pipeline()).get(0);

    assertThat(result.images()).hasSize(4);
    assertThat(result.settings().decisionSteps()).containsExactly(8);
  }

  @Test
  void theGenerationIsCancelled() {
    Gate gate = new Gate();
    fake.model().at(Stage.ENCODE, 1, gate::pass);

    var generation = Snippets.generation(fake.pipeline());
    gate.open();

    assertThatExceptionOfType(GenerationCancelledException.class).isThrownBy(generation::join);
  }

  @Test
  void theProbeThePolicyAndTheMetricDoWhatTheySay() {
    assertThat(fake.request(4, 2).probe(Snippets.probe()).generate().candidates())
        .allSatisfy(
            candidate ->
                assertThat(candidate.score().orElseThrow()).isEqualTo(candidate.guidanceGap()));

    GenerationResult result =
        fake.request(4, 3)
            .probe(ScriptedProbe.scores(0.1, 0.9, 0.6, 0.2))
            .policy(Snippets.selectionPolicy())
            .generate();
    assertThat(result.images()).extracting(KeptImage::seed).containsExactly(1L, 2L);

    var image = result.images().get(0).image();
    assertThat(Snippets.qualityMetric().score(image, FakePipeline.PROMPT))
        .isEqualTo(image.red(16, 8) / 255.0);
  }

  @Test
  void theTrajectoryIsWalkedToItsEnd() {
    float[] noise = {1, -1, 0.5f};

    assertThat(
            Snippets.schedule(
                Scheduler.of(fake.pipeline().manifest().scheduler()).schedule(5, 8), noise))
        .hasSize(3)
        .isNotEqualTo(noise);
  }

  private static String squeezed(String code) {
    return code.replaceAll("\\s+", "");
  }
}
