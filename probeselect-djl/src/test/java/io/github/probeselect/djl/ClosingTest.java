package io.github.probeselect.djl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.probeselect.bundle.LatentShape;
import io.github.probeselect.error.BackendException;
import io.github.probeselect.model.ActivationExtractor.Capture;
import io.github.probeselect.model.Backend;
import io.github.probeselect.model.Conditioning;
import io.github.probeselect.model.DenoiserBatch;
import io.github.probeselect.model.DiffusionModel;
import io.github.probeselect.model.Observation;
import io.github.probeselect.model.Probe;
import java.util.ArrayList;
import java.util.List;
import java.util.ServiceLoader;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

/** A model that is closed releases everything, and says so to whoever still uses it. */
class ClosingTest {

  @Test
  void theBackendIsFoundByTheServiceLoader() {
    assertThat(ServiceLoader.load(Backend.class).stream().map(ServiceLoader.Provider::type))
        .containsExactly(DjlBackend.class);
  }

  @Test
  void releasesAlsoWhatTheCallerForgot() {
    int before = DefaultModel.nativeResourcesBeside();
    DiffusionModel model = DefaultModel.open();
    Conditioning prompt = model.encode("a red circle", "");
    Capture capture = model.activationExtractor().capture(batch(model, prompt));
    assertThat(NativeResources.open()).isGreaterThan(before);
    model.close();

    assertThat(NativeResources.open()).isEqualTo(before);
    prompt.close();
    capture.close();
    model.close();
  }

  @Test
  void everythingThatIsStillUsedSaysThatTheModelIsClosed() {
    DiffusionModel model = DefaultModel.open();
    Conditioning prompt = model.encode("a red circle", "");
    DenoiserBatch batch = batch(model, prompt);
    Probe probe = model.probe(0.2).orElseThrow();
    Capture capture = model.activationExtractor().capture(batch);
    Observation seen = observation(batch, capture);
    model.close();

    assertClosed(() -> model.encode("a red circle", ""));
    assertClosed(() -> model.denoiser().predict(batch));
    assertClosed(() -> model.activationExtractor().capture(batch));
    assertClosed(() -> model.decode(batch.latents().get(0), batch.shape()));
    assertClosed(prompt::promptEmbedding);
    assertClosed(() -> probe.score(seen));
  }

  @Test
  void threadsThatWaitForTheirTurnEndWithAnException() throws Exception {
    int before = DefaultModel.nativeResourcesBeside();
    DiffusionModel model = DefaultModel.open();
    Conditioning prompt = model.encode("a red circle", "");
    DenoiserBatch batch = batch(model, prompt);
    int threads = 4;
    CountDownLatch running = new CountDownLatch(threads);
    ExecutorService executor = Executors.newFixedThreadPool(threads);
    List<Future<?>> endless = new ArrayList<>();
    for (int i = 0; i < threads; i++) {
      endless.add(
          executor.submit(
              () -> {
                running.countDown();
                while (true) {
                  model.denoiser().predict(batch);
                }
              }));
    }
    running.await();
    model.close();

    for (Future<?> thread : endless) {
      assertThatThrownBy(thread::get).hasCauseInstanceOf(BackendException.class);
    }
    executor.shutdown();
    assertThat(NativeResources.open()).isEqualTo(before);
  }

  private static Observation observation(DenoiserBatch batch, Capture capture) {
    return new Observation(
        "a red circle",
        List.of(1L),
        capture.activations(),
        batch.latents(),
        batch.latents(),
        batch.shape(),
        List.of(0.0),
        0.2,
        batch.conditioning());
  }

  private static void assertClosed(ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOf(BackendException.class)
        .hasMessageContaining("the model is closed");
  }

  private static DenoiserBatch batch(DiffusionModel model, Conditioning prompt) {
    LatentShape shape = model.manifest().latentShape(DefaultModel.SIDE, DefaultModel.SIDE);
    return new DenoiserBatch(shape, List.of(new float[shape.count()]), 500, prompt, 3, true);
  }
}
