package io.github.probeselect;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.probeselect.bundle.BundleManifest.SchedulerSpec;
import io.github.probeselect.image.RgbImage;
import io.github.probeselect.selection.DecisionPoint;
import io.github.probeselect.testing.FakeBundle;
import io.github.probeselect.testing.FakeModel;
import io.github.probeselect.testing.FakePipeline;
import io.github.probeselect.testing.SchedulerConfigs;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

/** Selection changes which images are made, never an image. */
class KeptImageEqualsSoloRunTest {

  @Provide
  Arbitrary<SchedulerSpec> schedulers() {
    return Arbitraries.of(SchedulerConfigs.all());
  }

  @Property(tries = 400)
  void whateverRunsBesideIt(
      @ForAll("schedulers") SchedulerSpec scheduler,
      @ForAll @IntRange(min = 1, max = 9) int n,
      @ForAll @IntRange(min = 1, max = 9) int kOrMore,
      @ForAll @IntRange(min = 1, max = 12) int steps,
      @ForAll @DoubleRange(min = 0.01, max = 1) double fraction,
      @ForAll @IntRange(min = 1, max = 10) int microBatchSize,
      @ForAll boolean reproducible,
      @ForAll long firstSeed) {
    FakeModel model = new FakeModel(FakeBundle.manifest(SchedulerConfigs.in(scheduler)));
    try (Pipeline pipeline = new Pipeline(model)) {
      GenerationResult result =
          pipeline
              .request(FakePipeline.PROMPT)
              .candidates(n, firstSeed)
              .keep(Math.min(kOrMore, n))
              .steps(steps)
              .decideAt(DecisionPoint.fraction(fraction))
              .microBatchSize(microBatchSize)
              .reproducible(reproducible)
              .generate();

      assertThat(result.images()).hasSize(Math.min(kOrMore, n));
      for (KeptImage kept : result.images()) {
        assertThat(kept.image())
            .as("seed %s", kept.seed())
            .isEqualTo(solo(pipeline, kept.seed(), steps));
      }
    }
    assertThat(model.open()).isEmpty();
  }

  @Test
  void fromEightThreadsAtOnce() throws Exception {
    int threads = 8;
    FakeModel model = new FakeModel();
    ExecutorService executor = Executors.newFixedThreadPool(threads);
    try (Pipeline pipeline = new Pipeline(model)) {
      List<Callable<GenerationResult>> tasks = new ArrayList<>();
      for (int task = 0; task < 4 * threads; task++) {
        int n = 2 + task % 7;
        int microBatchSize = 1 + task % 5;
        tasks.add(
            () ->
                pipeline
                    .request(FakePipeline.PROMPT)
                    .candidates(n, n)
                    .keep(2)
                    .microBatchSize(microBatchSize)
                    .generate());
      }
      Map<Long, RgbImage> solos = new ConcurrentHashMap<>();
      for (Future<GenerationResult> result : executor.invokeAll(tasks)) {
        assertThat(result.get().images())
            .hasSize(2)
            .allSatisfy(
                kept ->
                    assertThat(kept.image())
                        .isEqualTo(
                            solos.computeIfAbsent(kept.seed(), seed -> solo(pipeline, seed, 10))));
      }
    } finally {
      executor.shutdown();
    }
    assertThat(model.open()).isEmpty();
  }

  @Test
  void andDiffersFromTheImageOfAnotherSeedPromptOrSetting() {
    try (Pipeline pipeline = new Pipeline(new FakeModel())) {
      RgbImage image = solo(pipeline, 5, 10);

      assertThat(solo(pipeline, 6, 10)).isNotEqualTo(image);
      assertThat(solo(pipeline, 5, 11)).isNotEqualTo(image);
      assertThat(image(pipeline.request("a blue square").seeds(5).steps(10))).isNotEqualTo(image);
      assertThat(image(pipeline.request(FakePipeline.PROMPT).seeds(5).steps(10).guidanceScale(7)))
          .isNotEqualTo(image);
    }
  }

  private static RgbImage solo(Pipeline pipeline, long seed, int steps) {
    return image(pipeline.request(FakePipeline.PROMPT).seeds(seed).steps(steps));
  }

  private static RgbImage image(GenerationRequest request) {
    return request.generate().images().get(0).image();
  }
}
