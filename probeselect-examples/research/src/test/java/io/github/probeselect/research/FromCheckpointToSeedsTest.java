package io.github.probeselect.research;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.probeselect.GenerationResult;
import io.github.probeselect.Pipeline;
import io.github.probeselect.ProbeSelect;
import io.github.probeselect.model.LearnedMetric;
import io.github.probeselect.model.PreviewProbe;
import io.github.probeselect.planning.Budget;
import io.github.probeselect.tools.ProbeSelectTools;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

/**
 * The page {@code docs/from-checkpoint-to-seeds.md}, from the first Java command to the last, on
 * small bundles as an export leaves them. What its tests change is written at its end. The commands
 * of Python are run by {@code models/tests/export/test_from_checkpoint_to_seeds.py}.
 */
class FromCheckpointToSeedsTest {

  private static final String PAGE =
      ProjectDocuments.text(ProjectDocuments.ROOT.resolve("docs/from-checkpoint-to-seeds.md"));
  private static final Path SOURCE =
      Path.of(
          "src",
          "test",
          "java",
          "io",
          "github",
          "probeselect",
          "research",
          "FromCheckpointToSeedsTest.java");
  private static final Path RESOURCES =
      ProjectDocuments.ROOT.resolve("probeselect-djl/src/test/resources");

  /** The bundle that the commands name. */
  private static final String NAMED = "sd21";

  private static final Pattern BLOCK =
      Pattern.compile("^```(\\w*)\n(.*?)^```$", Pattern.DOTALL | Pattern.MULTILINE);
  private static final Pattern TOOL =
      Pattern.compile("java -jar probeselect-tools-\\S+-all\\.jar (.+)");
  private static final Pattern EXAMPLE =
      Pattern.compile("mvn -q compile -Dexample=(\\w+) -Dexample\\.args=\"(.+)\"");
  private static final Pattern OF_PYTHON =
      Pattern.compile("(probeselect-export|probeselect-metrics) .+");

  /** They download or build. */
  private static final Pattern NOT_RUN =
      Pattern.compile("(pip install|mvn -B -q package|cp|hf download) .+");

  private static final Set<String> PATHS =
      Set.of("--bundle", "--metric", "--prompts", "--output", "--training", "--validation");

  /** The largest values. */
  private static final Map<String, Integer> COUNTS =
      Map.of("--count", 2, "-n", 5, "--seeds", 2, "--rounds", 1);

  /** In place of 20 or 28. */
  private static final int STEPS = 8;

  private static final List<String> DIRECTORIES =
      List.of("probeselect.work", "probeselect.reports");

  @TempDir Path directory;
  private Path metricDirectory;

  @BeforeEach
  void prepare() throws IOException {
    metricDirectory = directory.resolve("clipscore");
    UncalibratedBundle.copy(RESOURCES.resolve("metrics/random-clipscore"), metricDirectory);
    Path json = metricDirectory.resolve("metric.json");
    Files.writeString(json, Files.readString(json).replace("random-clipscore", "clipscore"));
    for (String set : List.of("train", "validation", "test")) {
      Files.write(
          directory.resolve(set + ".txt"),
          List.of(set + " of a cat", set + " of a harbour", set + " of a fox"));
    }
    System.setProperty("probeselect.work", directory.resolve("probeselect").toString());
    System.setProperty("probeselect.reports", directory.toString());
  }

  @AfterEach
  void restore() {
    DIRECTORIES.forEach(System::clearProperty);
  }

  @ParameterizedTest
  @CsvSource({
    "sd21, models/src/main/resources/io/github/probeselect/models/tiny-sd2",
    "sd35-medium, probeselect-djl/src/test/resources/bundles/stable-diffusion-3/bundle",
    "flux-dev, probeselect-djl/src/test/resources/bundles/flux-dev/bundle"
  })
  void everythingThatThePageRunsWorks(String name, String bundle) throws IOException {
    Path copy = directory.resolve(name);
    UncalibratedBundle.copyBare(ProjectDocuments.ROOT.resolve(bundle), copy);
    Path manifest = copy.resolve("manifest.json");
    Files.writeString(
        manifest,
        Files.readString(manifest).replaceFirst("\"steps\" ?: ?\\d+", "\"steps\": " + STEPS));
    int snippets = 0;
    Matcher block = BLOCK.matcher(PAGE);
    while (block.find()) {
      if (block.group(1).equals("java")) {
        run(snippets++, copy);
      } else {
        for (String line : block.group(2).lines().toList()) {
          run(line, name);
        }
      }
    }

    assertThat(snippets).isEqualTo(3);
    assertThat(directory.resolve("first-images")).isDirectoryContaining("glob:**.png");
    assertThat(directory.resolve("selected/result.json")).exists();
    assertThat(copy.resolve("calibration.json")).content().contains("\"clipscore\"");
    try (Pipeline pipeline = ProbeSelect.open(copy)) {
      assertThat(pipeline.manifest().probes()).isNotEmpty();
      Path report = directory.resolve("evaluation/" + pipeline.manifest().name() + ".md");
      assertThat(report).content().contains("| probe |", "| decoded preview, clipscore |");
      GenerationResult byTheProbe = pipeline.request("a fox").candidates(4).keep(1).generate();
      assertThat(byTheProbe.candidates()).allMatch(candidate -> candidate.score().isPresent());
    }
  }

  @Test
  void itsCodeIsCompiled() throws IOException {
    String compiled = oneLine(Files.readString(SOURCE));
    Matcher block = BLOCK.matcher(PAGE);
    while (block.find()) {
      if (block.group(1).equals("java")) {
        assertThat(compiled).contains(oneLine(block.group(2)));
      }
    }
  }

  private void run(int snippet, Path bundle) throws IOException {
    Path output = Files.createDirectories(directory.resolve("snippet-" + snippet));
    switch (snippet) {
      case 0 -> firstImages(bundle, output);
      case 1 -> selection(bundle, output);
      default -> budget(bundle, output);
    }
    assertThat(output.resolve("result.json")).exists();
  }

  private static void firstImages(Path bundle, Path output) throws IOException {
    try (Pipeline pipeline = ProbeSelect.open(bundle, Pipeline.Options.defaults().device("auto"))) {
      GenerationResult result =
          pipeline.request("a lighthouse in a storm").candidates(2).keep(2).generate();
      result.writeTo(output);
    }
  }

  private void selection(Path bundle, Path output) throws IOException {
    try (Pipeline pipeline = ProbeSelect.open(bundle);
        LearnedMetric clipScore = ProbeSelect.openMetric(metricDirectory)) {
      GenerationResult result =
          pipeline
              .request("a lighthouse in a storm")
              .candidates(16)
              .keep(4)
              .signals(new PreviewProbe(pipeline.model(), clipScore))
              .generate();
      result.writeTo(output);
    }
  }

  private void budget(Path bundle, Path output) throws IOException {
    try (Pipeline pipeline = ProbeSelect.open(bundle);
        LearnedMetric clipScore = ProbeSelect.openMetric(metricDirectory)) {
      Budget budget = Budget.fullRuns(3);
      System.out.println(pipeline.plan(budget, 1, clipScore).explanation());
      GenerationResult result =
          pipeline
              .request("a lighthouse in a storm")
              .budget(budget)
              .keep(1)
              .rescoreBy(clipScore)
              .generate();
      result.writeTo(output);
    }
  }

  private void run(String line, String bundle) {
    Matcher tool = TOOL.matcher(line);
    Matcher example = EXAMPLE.matcher(line);
    if (tool.matches()) {
      execute(ProbeSelectTools.commandLine(), tool.group(1), bundle);
    } else if (example.matches()) {
      execute(Examples.commandLine(), example.group(1) + " " + example.group(2), bundle);
    } else {
      assertThat(OF_PYTHON.matcher(line).matches() || NOT_RUN.matcher(line).matches())
          .as("a test knows what to do with the line '%s'", line)
          .isTrue();
    }
  }

  private void execute(CommandLine commands, String line, String bundle) {
    List<String> arguments = new ArrayList<>(Arrays.asList(line.split(" ")));
    for (int i = 1; i < arguments.size(); i++) {
      String option = arguments.get(i - 1);
      String value = arguments.get(i);
      if (PATHS.contains(option)) {
        String path = value.equals(NAMED) ? bundle : value;
        arguments.set(i, directory.resolve(path).toString());
      } else if (COUNTS.containsKey(option)) {
        int small = Math.min(Integer.parseInt(value), COUNTS.get(option));
        arguments.set(i, Integer.toString(small));
      }
    }
    if (arguments.get(0).equals("train")) {
      arguments.addAll(List.of("--ranking-epochs", "1"));
    }
    StringWriter errors = new StringWriter();
    int status =
        commands.setErr(new PrintWriter(errors, true)).execute(arguments.toArray(String[]::new));
    assertThat(status).as("%s: %s", line, errors).isZero();
  }

  private static String oneLine(String text) {
    return text.strip().replaceAll("\\s+", " ");
  }
}
