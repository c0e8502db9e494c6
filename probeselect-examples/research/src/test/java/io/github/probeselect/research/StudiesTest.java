package io.github.probeselect.research;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.probeselect.internal.io.NpyArray;
import io.github.probeselect.internal.io.NpyArray.Layout;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** The studies that print what they find. */
class StudiesTest {

  @TempDir private Path directory;

  @Test
  void aSecondWaveIsComparedWithFreshSeeds() {
    String printed =
        printed(
            new StudySecondWave(),
            "--prompts=" + Path.of("..", "..", "models", "prompts", "test.txt"),
            "--count=2",
            "-n=4",
            "--parents=1",
            "--strengths=0.3,1.0");

    assertThat(printed).contains("4 candidates, 2 prompts", "| 1 | 0.3 |");
    // All the way to the other seed's noise is a fresh seed.
    assertThat(printed).contains("| 1 | 1.0 | +0.000 [+0.000, +0.000] |");
  }

  @Test
  void plansOnRecordedRewardsGainMoreThanFullRuns() throws IOException {
    int prompts = 12;
    int seeds = 16;
    int steps = 8;
    NpyArray rewards = NpyArray.zeros(Layout.of(NpyArray.Type.FLOAT32, prompts, seeds, steps));
    Random random = new Random(4);
    for (int row = 0; row < prompts * seeds; row++) {
      double merit = random.nextGaussian();
      float[] seen = new float[steps];
      for (int step = 0; step < steps; step++) {
        double left = 1 - (step + 1) / (double) steps;
        seen[step] = (float) (merit + 0.5 * left * random.nextGaussian());
      }
      rewards.put(row * steps, seen);
    }
    Path file = directory.resolve("rewards.npy");
    Files.write(file, rewards.toBytes());

    String printed =
        printed(
            new StudyRewards(),
            file.toString(),
            "--shape=%d,%d,%d".formatted(prompts, seeds, steps),
            "--budgets=2");

    assertThat(printed).contains("2 full runs", "| best two cuts |", "| planned, adaptive |");
    assertThat(over(printed, "best of N")).isNegative();
    assertThat(over(printed, "planned")).isGreaterThan(over(printed, "best of N"));
  }

  private static double over(String printed, String use) {
    String row =
        printed
            .lines()
            .filter(line -> line.startsWith("| " + use + " |"))
            .findFirst()
            .orElseThrow();
    return Double.parseDouble(row.split("\\|")[4].strip().split(" ")[0]);
  }

  private static String printed(Object command, String... arguments) {
    PrintStream before = System.out;
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    System.setOut(new PrintStream(bytes, true, StandardCharsets.UTF_8));
    try {
      assertThat(new CommandLine(command).execute(arguments)).isZero();
    } finally {
      System.setOut(before);
    }
    return bytes.toString(StandardCharsets.UTF_8);
  }
}
