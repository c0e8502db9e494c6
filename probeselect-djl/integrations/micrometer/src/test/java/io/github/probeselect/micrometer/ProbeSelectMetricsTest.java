package io.github.probeselect.micrometer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.github.probeselect.GenerationListener;
import io.github.probeselect.GenerationResult;
import io.github.probeselect.Pipeline;
import io.github.probeselect.ProbeSelect;
import io.github.probeselect.error.GenerationCancelledException;
import io.github.probeselect.selection.DecisionPoint;
import io.github.probeselect.testing.FakeBundle;
import io.github.probeselect.testing.FakePipeline;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

class ProbeSelectMetricsTest {

  @RegisterExtension final FakePipeline fake = new FakePipeline();
  @TempDir Path directory;

  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
  private final ProbeSelectMetrics metrics = new ProbeSelectMetrics();

  private double count(String name, String... tags) {
    return registry.get("probeselect." + name).tags(tags).counter().count();
  }

  private long times(String name, String... tags) {
    return registry.get("probeselect." + name).tags(tags).timer().count();
  }

  @Test
  void aGenerationIsCounted() {
    metrics.bindTo(registry);
    GenerationResult result =
        fake.request(6, 2).microBatchSize(4).listener(metrics.get()).generate();

    assertThat(times("generations", "outcome", "success", "exception", "none")).isEqualTo(1);
    assertThat(times("generations.queued")).isEqualTo(1);
    assertThat(count("candidates.started")).isEqualTo(6);
    assertThat(count("candidates.dropped")).isEqualTo(4);
    assertThat(count("images")).isEqualTo(2);
    assertThat(count("denoiser.calls")).isEqualTo(2 * 2 + 8);
    assertThat(count("denoiser.evaluations")).isEqualTo(result.evaluations().spent());
    assertThat(count("denoiser.evaluations.saved")).isEqualTo(60.0 - result.evaluations().spent());
    assertThat(registry.get("probeselect.generations.saved").summary().mean())
        .isEqualTo(1 - result.evaluations().share());
    double phases =
        Stream.of("encode", "early", "decide", "remaining", "decode")
            .mapToDouble(
                phase ->
                    registry
                        .get("probeselect.generations.phase")
                        .tag("phase", phase)
                        .timer()
                        .totalTime(TimeUnit.NANOSECONDS))
            .sum();
    assertThat(phases).isEqualTo(result.timings().total().toNanos());
    assertThat(registry.get("probeselect.generations.active").longTaskTimer().activeTasks())
        .isZero();
  }

  @Test
  void aGenerationThatRunsIsActive() {
    metrics.bindTo(registry);
    List<Integer> active = new ArrayList<>();
    GenerationListener own = metrics.get();
    fake.request(1, 1)
        .listener(
            new GenerationListener() {
              @Override
              public void onStart(Start start) {
                own.onStart(start);
              }

              @Override
              public void onImage(io.github.probeselect.KeptImage image) {
                active.add(
                    registry.get("probeselect.generations.active").longTaskTimer().activeTasks());
              }

              @Override
              public void onResult(GenerationResult result) {
                own.onResult(result);
              }
            })
        .generate();

    assertThat(active).containsExactly(1);
    assertThat(registry.get("probeselect.generations.active").longTaskTimer().activeTasks())
        .isZero();
  }

  @Test
  void failuresAreToldApartByKind() {
    metrics.bindTo(registry);
    assertThat(
            catchThrowable(() -> fake.request(2, 1).size(3, 3).listener(metrics.get()).generate()))
        .isNotNull();
    assertThat(
            catchThrowable(
                () ->
                    fake.request(2, 1).deadline(Instant.EPOCH).listener(metrics.get()).generate()))
        .isNotNull();
    GenerationListener own = metrics.get();
    GenerationListener gone =
        new GenerationListener() {
          @Override
          public void onStart(Start start) {
            own.onStart(start);
          }

          @Override
          public void onProgress(Progress progress) {
            own.onProgress(progress);
            throw new GenerationCancelledException("gone");
          }

          @Override
          public void onFailure(Throwable failure) {
            own.onFailure(failure);
          }
        };
    assertThat(catchThrowable(() -> fake.request(2, 1).listener(gone).generate())).isNotNull();

    assertThat(times("generations", "outcome", "failure", "exception", "InvalidRequestException"))
        .isEqualTo(1);
    assertThat(
            times("generations", "outcome", "cancelled", "exception", "DeadlineExceededException"))
        .isEqualTo(1);
    assertThat(
            times(
                "generations", "outcome", "cancelled", "exception", "GenerationCancelledException"))
        .isEqualTo(1);
    assertThat(count("denoiser.calls")).isEqualTo(1);
    assertThat(count("denoiser.evaluations")).as("of a generation that failed").isEqualTo(2);
    assertThat(registry.get("probeselect.generations.active").longTaskTimer().activeTasks())
        .isZero();
  }

  @Test
  void aPipelineIsMeteredAsAWhole() throws Exception {
    var tagged = new ProbeSelectMetrics(Tags.of("pipeline", "main"));
    var second = new SimpleMeterRegistry();
    tagged.bindTo(registry);
    tagged.bindTo(second);
    FakeBundle bundle = FakeBundle.in(directory);
    try (Pipeline pipeline =
        ProbeSelect.open(bundle.directory(), Pipeline.Options.defaults().listeners(tagged))) {
      pipeline.generate("a secret prompt", 4, 1);
      pipeline.request("another").candidates(4).start().join();
      pipeline.request("a session").candidates(3).open().advance(DecisionPoint.step(2)).keep(1);
    }

    for (SimpleMeterRegistry each : List.of(registry, second)) {
      assertThat(each.get("probeselect.generations").timer().count()).isEqualTo(2);
      assertThat(each.get("probeselect.candidates.started").counter().count()).isEqualTo(8);
      assertThat(each.get("probeselect.candidates.dropped").counter().count()).isEqualTo(3 + 3 + 2);
      assertThat(each.getMeters())
          .allSatisfy(meter -> assertThat(meter.getId().getTag("pipeline")).isEqualTo("main"));
    }
  }

  @Test
  void tagsAreFew() {
    metrics.bindTo(registry);
    fake.request(4, 1).listener(metrics.get()).generate();

    assertThat(
            registry.getMeters().stream()
                .map(Meter::getId)
                .flatMap(id -> id.getTags().stream())
                .map(Tag::getKey)
                .collect(Collectors.toSet()))
        .containsExactlyInAnyOrder("outcome", "exception", "phase");
    assertThat(registry.getMeters())
        .allSatisfy(
            meter ->
                assertThat(meter.getId().getName()).matches("probeselect\\.[a-z]+(\\.[a-z]+)*"));
  }

  @Test
  void withoutARegistryNothingHappens() {
    assertThat(fake.request(2, 1).listener(metrics.get()).generate().images()).hasSize(1);
  }
}
