package io.github.probeselect.tools;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** Trains a probe that is far too small, on one prompt, by the command. */
class TrainProbeTest {

  private static final Path PROMPTS = Path.of("..", "..", "models", "prompts");

  @TempDir static Path datasets;
  @TempDir Path directory;

  private final PrintStream console = System.err;
  private final StringWriter errors = new StringWriter();

  @BeforeAll
  static void collect() {
    for (String name : List.of("train", "validation")) {
      int code =
          new CommandLine(new Collect())
              .execute(
                  "--prompts", PROMPTS.resolve(name + ".txt").toString(),
                  "--count", "1",
                  "--seeds", "3",
                  "--fractions", "0.2",
                  "--output", datasets.resolve(name).toString());
      assertThat(code).isZero();
    }
  }

  @AfterEach
  void restoreConsole() {
    System.setErr(console);
  }

  @Test
  void aTrainingThatWasInterruptedGoesOnAndWritesTheSameProbe() throws IOException {
    Path whole = directory.resolve("whole");
    Path resumed = directory.resolve("resumed");
    List<String> allEpochs = new ArrayList<>();
    assertThat(train(whole, new Console(allEpochs, Integer.MAX_VALUE)))
        .as(errors::toString)
        .isZero();
    assertThat(allEpochs).hasSize(5);

    List<String> before = new ArrayList<>();
    assertThat(train(resumed, new Console(before, 3))).isNotZero();
    assertThat(errors.toString()).contains("the console is gone");
    assertThat(resumed.resolve(TrainProbe.CHECKPOINT)).exists();
    assertThat(resumed.resolve("probe.json")).doesNotExist();

    assertThat(train(resumed, new Console(new ArrayList<>(), 9), "--ranking-epochs", "3"))
        .as("with other settings")
        .isNotZero();
    assertThat(errors.toString())
        .contains(resumed.resolve(TrainProbe.CHECKPOINT) + " is that of another training")
        .contains("settings was");

    Console second = new Console(new ArrayList<>(), Integer.MAX_VALUE);
    assertThat(train(resumed, second)).as(errors::toString).isZero();
    assertThat(second.text()).contains("going on from " + resumed.resolve(TrainProbe.CHECKPOINT));
    assertThat(second.epochs).isEqualTo(allEpochs.subList(3, 5));
    assertThat(before).isEqualTo(allEpochs.subList(0, 3));
    assertThat(files(resumed)).isEqualTo(files(whole)).doesNotContainKey(TrainProbe.CHECKPOINT);
  }

  private int train(Path output, Console epochs, String... more) {
    System.setErr(epochs);
    try {
      String[] arguments = {
        "--training", datasets.resolve("train").toString(),
        "--validation", datasets.resolve("validation").toString(),
        "--fractions", "0.2",
        "--width", "16",
        "--blocks", "1",
        "--previews", "6",
        "--preview-epochs", "1",
        "--picture-epochs", "2",
        "--output", output.toString()
      };
      List<String> all = new ArrayList<>(Arrays.asList(arguments));
      all.addAll(more.length > 0 ? Arrays.asList(more) : List.of("--ranking-epochs", "2"));
      return new CommandLine(new TrainProbe())
          .setErr(new PrintWriter(errors, true))
          .execute(all.toArray(String[]::new));
    } finally {
      System.setErr(console);
    }
  }

  /** The bytes of every file of a directory, as text that can be compared. */
  private static Map<String, String> files(Path directory) throws IOException {
    Map<String, String> files = new TreeMap<>();
    try (Stream<Path> found = Files.list(directory)) {
      for (Path file : found.toList()) {
        files.put(
            file.getFileName().toString(),
            new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1));
      }
    }
    return files;
  }

  /** A console that notes every epoch, and that is gone once it has noted so many. */
  private static final class Console extends PrintStream {
    private final List<String> epochs;
    private final int most;
    private final ByteArrayOutputStream shown;

    Console(List<String> epochs, int most) {
      this(epochs, most, new ByteArrayOutputStream());
    }

    private Console(List<String> epochs, int most, ByteArrayOutputStream shown) {
      super(shown, true, StandardCharsets.UTF_8);
      this.epochs = epochs;
      this.most = most;
      this.shown = shown;
    }

    @Override
    public PrintStream printf(Locale locale, String format, Object... values) {
      epochs.add(String.format(locale, format, values));
      if (epochs.size() == most) {
        throw new IllegalStateException("the console is gone");
      }
      return this;
    }

    String text() {
      return shown.toString(StandardCharsets.UTF_8);
    }
  }
}
