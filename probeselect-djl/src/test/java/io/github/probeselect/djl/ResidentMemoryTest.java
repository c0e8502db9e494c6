package io.github.probeselect.djl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Memory that a long-running program holds. Garbage is collected before it is read: how much of
 * that lies about is the Java heap's own affair. Takes minutes.
 */
@Tag("slow")
class ResidentMemoryTest {

  private static final Path STATUS = Path.of("/proc/self/status");

  @Test
  void afterTwoHundredGenerationsIsThatAfterTwenty() throws IOException {
    assumeTrue(Files.isReadable(STATUS), "resident memory is read from /proc");
    long afterTwenty = 0;
    for (int generation = 1; generation <= 200; generation++) {
      DefaultModel.pipeline()
          .request(DefaultModel.PROMPT)
          .candidates(4, generation)
          .keep(1)
          .steps(DefaultModel.STEPS)
          .probe(DefaultModel.firstValue())
          .generate();
      if (generation == 20) {
        afterTwenty = residentKilobytes();
      }
    }
    long afterAll = residentKilobytes();
    double growth = (double) afterAll / afterTwenty - 1;
    System.out.printf(
        "resident memory: %d kB after 20 generations, %d kB after 200 (%+.2f%%)%n",
        afterTwenty, afterAll, 100 * growth);

    assertThat(growth).isLessThan(0.05);
  }

  private static long residentKilobytes() throws IOException {
    System.gc();
    String line =
        Files.readAllLines(STATUS).stream()
            .filter(entry -> entry.startsWith("VmRSS:"))
            .findFirst()
            .orElseThrow();
    return Long.parseLong(line.replaceAll("\\D", ""));
  }
}
