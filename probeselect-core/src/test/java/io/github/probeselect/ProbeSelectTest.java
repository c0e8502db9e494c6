package io.github.probeselect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.github.probeselect.error.BackendException;
import io.github.probeselect.error.InvalidBundleException;
import io.github.probeselect.error.InvalidRequestException;
import io.github.probeselect.image.RgbImage;
import io.github.probeselect.model.Backend;
import io.github.probeselect.model.LearnedMetric;
import io.github.probeselect.testing.FakeBackend;
import io.github.probeselect.testing.FakeBundle;
import io.github.probeselect.testing.FakeMetricDirectory;
import io.github.probeselect.testing.FakeModel;
import io.github.probeselect.testing.FakePipeline;
import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProbeSelectTest {

  private final ClassLoader classLoader = Thread.currentThread().getContextClassLoader();
  @TempDir Path directory;

  @AfterEach
  void restoreClassPath() {
    Thread.currentThread().setContextClassLoader(classLoader);
  }

  @Test
  void opensABundleWithTheBackendOnTheClassPath() throws IOException {
    FakeBundle bundle = FakeBundle.in(directory.resolve("bundle"));
    try (var ignored = offer(FakeBackend.class.getName());
        Pipeline pipeline = ProbeSelect.open(bundle.directory())) {
      assertThat(pipeline.generate(FakePipeline.PROMPT, 4, 2).images()).hasSize(2);
      assertThat(pipeline.manifest().name()).isEqualTo("fake");
    }
  }

  @Test
  void opensAMetricWithTheBackendOnTheClassPath() throws IOException {
    FakeMetricDirectory metric = FakeMetricDirectory.in(directory.resolve("metric"));
    try (var ignored = offer(FakeBackend.class.getName());
        LearnedMetric opened = ProbeSelect.openMetric(metric.directory())) {
      assertThat(opened.name()).isEqualTo("redness");
      byte[] red = {(byte) 255, 0, 0};
      assertThat(opened.score(RgbImage.of(1, 1, red), FakePipeline.PROMPT)).isEqualTo(1);
    }
  }

  @Test
  void withoutBackendAMetricDoesNotOpenEither() throws IOException {
    FakeMetricDirectory metric = FakeMetricDirectory.in(directory.resolve("metric"));

    assertThatExceptionOfType(BackendException.class)
        .isThrownBy(() -> ProbeSelect.openMetric(metric.directory()))
        .withMessageContaining("io.github.probeselect:probeselect-djl");
  }

  @Test
  void withoutBackendSaysWhichDependencyToAdd() throws IOException {
    FakeBundle bundle = FakeBundle.in(directory.resolve("bundle"));

    assertThatExceptionOfType(BackendException.class)
        .isThrownBy(() -> ProbeSelect.open(bundle.directory()))
        .withMessageContaining("io.github.probeselect:probeselect-djl");
  }

  @Test
  void aBackendThatCannotBeLoadedIsABackendException() throws IOException {
    FakeBundle bundle = FakeBundle.in(directory.resolve("bundle"));
    try (var ignored = offer("io.github.probeselect.NoSuchBackend")) {
      assertThatExceptionOfType(BackendException.class)
          .isThrownBy(() -> ProbeSelect.open(bundle.directory()))
          .withMessageContaining("NoSuchBackend");
    }
  }

  @Test
  void withoutDefaultBundleSaysWhichDependencyToAddAtEveryCall() {
    for (int call = 0; call < 3; call++) {
      assertThatExceptionOfType(InvalidBundleException.class)
          .isThrownBy(() -> ProbeSelect.generate(FakePipeline.PROMPT, 2, 1))
          .withMessageContaining("io.github.probeselect:probeselect-models");
    }
    assertThatExceptionOfType(InvalidBundleException.class)
        .isThrownBy(ProbeSelect::openDefault)
        .withMessageContaining("io.github.probeselect:probeselect-models");
  }

  @Test
  @SuppressWarnings("NullAway") // what a caller does wrong
  void argumentsAreCheckedBeforeTheDefaultModelIsOpened() {
    refused(() -> ProbeSelect.generate(null, 16, 4), "the prompt is null");
    refused(() -> ProbeSelect.generate(" ", 16, 4), "the prompt is empty");
    refused(() -> ProbeSelect.generate(FakePipeline.PROMPT, 0, 1), "n = 0");
    refused(() -> ProbeSelect.generate(FakePipeline.PROMPT, 2, 0), "k = 0");
    refused(() -> ProbeSelect.generate(FakePipeline.PROMPT, 2, 3), "k = 3 of n = 2");
  }

  private static void refused(Runnable call, String message) {
    assertThatExceptionOfType(InvalidRequestException.class)
        .isThrownBy(call::run)
        .withMessageContaining(message);
  }

  @Test
  void theDefaultPipelineIsOpenedOnceAndOnlyAfterAFailureAgain() {
    int[] openings = {0};
    FakeModel model = new FakeModel();
    DefaultPipeline pipeline =
        new DefaultPipeline(
            () -> {
              if (++openings[0] < 3) {
                throw new BackendException("opening " + openings[0]);
              }
              return new Pipeline(model);
            });

    assertThatExceptionOfType(BackendException.class)
        .isThrownBy(pipeline::get)
        .withMessage("opening 1");
    assertThatExceptionOfType(BackendException.class)
        .isThrownBy(pipeline::get)
        .withMessage("opening 2");
    try (Pipeline opened = pipeline.get()) {
      assertThat(pipeline.get()).isSameAs(opened);
    }
    assertThat(openings[0]).isEqualTo(3);
  }

  /** Puts a backend on the class path of this thread. */
  private URLClassLoader offer(String backend) throws IOException {
    Path services = Files.createDirectories(directory.resolve("META-INF/services"));
    Files.writeString(services.resolve(Backend.class.getName()), backend);
    URLClassLoader loader = new URLClassLoader(new URL[] {directory.toUri().toURL()}, classLoader);
    Thread.currentThread().setContextClassLoader(loader);
    return loader;
  }
}
