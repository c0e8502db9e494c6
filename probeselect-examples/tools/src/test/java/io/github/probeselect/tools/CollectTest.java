package io.github.probeselect.tools;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.probeselect.dataset.Dataset;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class CollectTest {

  private static final String METRIC =
      Path.of(
              "..",
              "..",
              "probeselect-djl",
              "src",
              "test",
              "resources",
              "metrics",
              "random-clipscore")
          .toString();

  private final StringWriter errors = new StringWriter();
  @TempDir Path directory;

  @Test
  void aMetricDirectoryIsRecordedBesideTheMetricsOfTheBundle() throws IOException {
    assertThat(collect("--metric", METRIC)).as(errors::toString).isZero();

    assertThat(Dataset.open(directory.resolve("data")).header().metrics())
        .containsExactly("scene-reward", "scene-check", "random-clipscore");
  }

  @Test
  void twoMetricsOfOneNameAreRefused() {
    assertThat(collect("--metric", METRIC, "--metric", METRIC)).isNotZero();

    assertThat(errors.toString()).contains("already a metric random-clipscore", "--name");
  }

  private int collect(String... more) {
    String[] arguments = {
      "--prompts", Path.of("..", "..", "models", "prompts", "train.txt").toString(),
      "--count", "1",
      "--seeds", "2",
      "--fractions", "0.2",
      "--output", directory.resolve("data").toString()
    };
    CommandLine command = new CommandLine(new Collect()).setErr(new PrintWriter(errors, true));
    String[] all = Arrays.copyOf(arguments, arguments.length + more.length);
    System.arraycopy(more, 0, all, arguments.length, more.length);
    return command.execute(all);
  }
}
