package io.github.probeselect.djl;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.probeselect.GenerationResult;
import io.github.probeselect.KeptImage;
import io.github.probeselect.image.RgbImage;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A kept image is the image that its seed gives alone. */
class KeptImageTest {

  private static final Map<Long, RgbImage> SOLO = new ConcurrentHashMap<>();

  @ParameterizedTest(name = "n = {0}, k = {1}, micro-batch of {2}")
  @CsvSource({"2, 1, 1", "3, 2, 4", "5, 3, 2", "6, 6, 3"})
  void isTheSameBitForBitInTheReproducibleMode(int n, int k, int microBatchSize) {
    GenerationResult result =
        DefaultModel.request()
            .candidates(n)
            .keep(k)
            .microBatchSize(microBatchSize)
            .reproducible(true)
            .generate();

    assertThat(result.images()).hasSize(k);
    for (KeptImage kept : result.images()) {
      assertThat(kept.image()).as("seed %s", kept.seed()).isEqualTo(solo(kept.seed()));
    }
  }

  @Test
  void isTheSameBitForBitFromEightThreadsAtOnce() throws Exception {
    int threads = 8;
    ExecutorService executor = Executors.newFixedThreadPool(threads);
    try {
      List<Future<GenerationResult>> results = new ArrayList<>();
      for (int thread = 0; thread < threads; thread++) {
        long firstSeed = thread;
        results.add(
            executor.submit(
                () ->
                    DefaultModel.request()
                        .candidates(2, firstSeed)
                        .keep(1)
                        .reproducible(true)
                        .generate()));
      }
      for (Future<GenerationResult> result : results) {
        KeptImage kept = result.get().images().get(0);
        assertThat(kept.image()).as("seed %s", kept.seed()).isEqualTo(solo(kept.seed()));
      }
    } finally {
      executor.shutdown();
    }
  }

  @ParameterizedTest(name = "n = {0}, k = {1}, micro-batch of {2}")
  @CsvSource({"4, 2, 4", "5, 3, 3", "7, 4, 7"})
  void differsByRoundingAtMostInTheDefaultMode(int n, int k, int microBatchSize) {
    GenerationResult result =
        DefaultModel.request().candidates(n).keep(k).microBatchSize(microBatchSize).generate();

    for (KeptImage kept : result.images()) {
      assertCloseTo(solo(kept.seed()), kept.image());
    }
  }

  @Test
  void differsByRoundingAtMostWithTheDefaultSettings() {
    GenerationResult result =
        DefaultModel.pipeline()
            .request(DefaultModel.PROMPT)
            .candidates(5)
            .keep(2)
            .probe(DefaultModel.firstValue())
            .generate();

    for (KeptImage kept : result.images()) {
      RgbImage alone =
          DefaultModel.pipeline()
              .request(DefaultModel.PROMPT)
              .seeds(kept.seed())
              .generate()
              .images()
              .get(0)
              .image();
      assertCloseTo(alone, kept.image());
    }
  }

  private static RgbImage solo(long seed) {
    return SOLO.computeIfAbsent(
        seed,
        only ->
            DefaultModel.request()
                .seeds(only)
                .keep(1)
                .reproducible(true)
                .generate()
                .images()
                .get(0)
                .image());
  }

  private static void assertCloseTo(RgbImage expected, RgbImage actual) {
    byte[] left = expected.toBytes();
    byte[] right = actual.toBytes();
    assertThat(right).hasSameSizeAs(left);
    int different = 0;
    int largest = 0;
    for (int i = 0; i < left.length; i++) {
      int difference = Math.abs((left[i] & 0xff) - (right[i] & 0xff));
      different += difference > 0 ? 1 : 0;
      largest = Math.max(largest, difference);
    }
    assertThat(largest).as("largest difference of 8-bit values").isLessThanOrEqualTo(2);
    assertThat((double) different / left.length).as("share of different values").isLessThan(0.001);
  }
}
