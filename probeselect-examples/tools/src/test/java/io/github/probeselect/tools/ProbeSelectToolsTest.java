package io.github.probeselect.tools;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.probeselect.scenes.SceneDescription;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine;

class ProbeSelectToolsTest {

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();
  @TempDir private Path directory;

  static Stream<String> names() {
    return ProbeSelectTools.commandLine().getSubcommands().keySet().stream();
  }

  @Test
  void theCommandsAreNamedForTheirTask() {
    assertThat(names())
        .containsExactlyInAnyOrder(
            "collect",
            "train",
            "calibrate",
            "doctor",
            "evaluate",
            "measure-cost",
            "measure-load",
            "measure-memory",
            "measure-overhead");
  }

  @ParameterizedTest
  @MethodSource("names")
  void helpNamesWhatACommandReadsAndWrites(String name) {
    assertThat(run(name, "--help")).isZero();

    assertThat(out.toString())
        .contains("Usage: probeselect-tools " + name, "\nReads: ", "\nWrites: ")
        .doesNotContain("${");
    assertThat(err.toString()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "collect, --count=0, less than 1",
    "collect, --of=-1, less than 1",
    "train, --width=0, less than 1",
    "calibrate, -n=0, less than 1",
    "evaluate, --rounds=0, less than 1",
    "measure-cost, --rounds=0, less than 1",
    "measure-load, --rounds=many, is not an int",
    "measure-memory, --generations=0, less than 1",
    "measure-overhead, --rows=0, less than 1"
  })
  void aCountOfNothingIsRefusedByTheNameOfItsOption(String name, String option, String reason) {
    assertThat(run(name, option)).isEqualTo(2);

    assertThat(err.toString())
        .startsWith("error: Invalid value for option '" + option.split("=")[0])
        .contains(reason)
        .doesNotContain("\tat ", "Usage:");
  }

  @Test
  void whatCannotBeDoneIsOneLine() {
    assertThat(run("train", "--training=a", "--validation=b", "--install")).isEqualTo(1);
    assertThat(run("measure-memory", "--generations=30")).isEqualTo(1);
    assertThat(run("evaluate", "--prompts=" + directory.resolve("none.txt"))).isEqualTo(1);

    List<String> lines = err.toString().lines().toList();
    assertThat(lines).hasSize(3).allMatch(line -> line.startsWith("error: "));
    assertThat(lines.get(0)).contains("--install needs --bundle DIR");
    assertThat(lines.get(1)).contains("30 is no multiple of 20");
    assertThat(lines.get(2)).contains("none.txt");
  }

  @Test
  void theDoctorReportsThisInstallation() throws Exception {
    assertThat(run("doctor")).as(out.toString()).isZero();
    assertThat(out.toString())
        .contains("ok     platform", "ok     engine", "Generation works")
        .doesNotContain("fault");

    out.getBuffer().setLength(0);
    assertThat(run("doctor", "--json")).isZero();
    JsonNode json = new ObjectMapper().readTree(out.toString());
    assertThat(json.get("ready").asBoolean()).isTrue();
    assertThat(json.get("findings").size()).isGreaterThan(5);
    assertThat(err.toString()).isEmpty();
  }

  @Test
  void theOverheadIsThatOfTheGivenSelection() {
    String printed = printed("measure-overhead", "--rounds=3", "--rows=2", "-n=8", "-k=2");

    assertThat(printed)
        .containsPattern(
            "a step of a candidate {3}fastest 0\\.\\d+ s, median 0\\.\\d+ s, 2 together\n")
        .contains("captured : without   median ", " over 3 rounds\n", "decoding an image : a step")
        .containsPattern("denoising, keep 2 of 8 after 4 of 20 steps {3}-?\\d+\\.\\d\\d%\n");
  }

  /** So that all of them are scored by scene-check. */
  @ParameterizedTest
  @EnumSource
  void thePromptsOfTheDefaultModelAreThoseOfTheRepository(PromptChoice choice) throws Exception {
    String name = choice.name().toLowerCase(Locale.ROOT) + ".txt";
    Path file = Path.of("..", "..", "models", "prompts", name);

    List<String> shipped = choice.read(null, Integer.MAX_VALUE);
    assertThat(shipped).isNotEmpty().isEqualTo(choice.read(file, Integer.MAX_VALUE));
    for (String prompt : shipped) {
      assertThat(SceneDescription.parse(prompt)).isNotNull();
    }
  }

  /** What a command that ends well writes to the standard output. */
  private String printed(String... arguments) {
    PrintStream standard = System.out;
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    System.setOut(new PrintStream(bytes, true, StandardCharsets.UTF_8));
    try {
      assertThat(run(arguments)).as(err.toString()).isZero();
    } finally {
      System.setOut(standard);
    }
    return bytes.toString(StandardCharsets.UTF_8);
  }

  private int run(String... arguments) {
    CommandLine tools = ProbeSelectTools.commandLine();
    return tools
        .setOut(new PrintWriter(out, true))
        .setErr(new PrintWriter(err, true))
        .execute(arguments);
  }
}
