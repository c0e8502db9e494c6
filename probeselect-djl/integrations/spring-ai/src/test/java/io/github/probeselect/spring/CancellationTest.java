package io.github.probeselect.spring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.github.probeselect.error.BackendException;
import io.github.probeselect.error.DeadlineExceededException;
import io.github.probeselect.error.GenerationCancelledException;
import io.github.probeselect.testing.FakePipeline;
import io.github.probeselect.testing.Gate;
import io.github.probeselect.testing.Stage;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.springframework.ai.image.ImagePrompt;
import org.springframework.ai.image.ImageResponse;

/** Calls end early when they should, and a model that stops lets the others end. */
@Timeout(60)
class CancellationTest {

  @RegisterExtension final FakePipeline fake = new FakePipeline();

  private final Gate gate = new Gate();

  private ProbeSelectImageModel model() {
    return ProbeSelectImageModel.builder().pipeline(fake.pipeline()).build();
  }

  private static ImageResponse call(ProbeSelectImageModel model) {
    return model.call(new ImagePrompt(FakePipeline.PROMPT));
  }

  private static CompletableFuture<ImageResponse> callInCommonPool(ProbeSelectImageModel model) {
    return CompletableFuture.supplyAsync(
        () -> call(model), task -> ForkJoinPool.commonPool().execute(task));
  }

  @Test
  void anInterruptCancelsTheGeneration() throws Exception {
    fake.model().at(Stage.PREDICT, 2, gate::pass);
    ProbeSelectImageModel model = model();
    FutureTask<Boolean> interrupted =
        new FutureTask<>(
            () -> {
              assertThatExceptionOfType(GenerationCancelledException.class)
                  .isThrownBy(() -> call(model))
                  .withMessageContaining("interrupted");
              return Thread.currentThread().isInterrupted();
            });
    Thread caller = new Thread(interrupted);
    caller.start();
    gate.awaitArrival();

    caller.interrupt();

    assertThat(interrupted.get(30, TimeUnit.SECONDS)).as("the interrupt is kept").isTrue();
    assertThat(model.activity().running()).as("its generation is in a denoiser call").isOne();
    gate.open();
    model.destroy();
    assertThat(model.activity().running()).isZero();
    assertThat(fake.model().calls(Stage.PREDICT)).isEqualTo(2);
  }

  @Test
  void aTimeoutEndsTheCall() {
    fake.model().at(Stage.PREDICT, 2, () -> sleep(Duration.ofMillis(300)));

    assertThatExceptionOfType(DeadlineExceededException.class)
        .isThrownBy(
            () ->
                model()
                    .call(
                        new ImagePrompt(
                            FakePipeline.PROMPT,
                            ProbeSelectImageOptions.builder()
                                .timeout(Duration.ofMillis(200))
                                .build())));
  }

  private static void sleep(Duration time) {
    try {
      Thread.sleep(time.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Test
  void aTimeoutWithoutEndIsNone() {
    ImagePrompt prompt =
        new ImagePrompt(
            FakePipeline.PROMPT,
            ProbeSelectImageOptions.builder().timeout(Duration.ofSeconds(Long.MAX_VALUE)).build());

    assertThat(model().call(prompt).getResults()).hasSize(1);
  }

  @Test
  void manyCallsFromManyThreadsGiveTheSameImages() throws Exception {
    ProbeSelectImageModel model = model();
    String expected = call(model).getResult().getOutput().getB64Json();
    List<CompletableFuture<ImageResponse>> calls = new ArrayList<>();
    for (int i = 0; i < 16; i++) {
      CompletableFuture<ImageResponse> call = new CompletableFuture<>();
      new Thread(() -> call.complete(call(model))).start();
      calls.add(call);
      calls.add(callInCommonPool(model));
    }

    for (CompletableFuture<ImageResponse> call : calls) {
      assertThat(call.get(30, TimeUnit.SECONDS).getResult().getOutput().getB64Json())
          .isEqualTo(expected);
    }
    assertThat(model.activity().succeeded()).isEqualTo(33);
    assertThat(model.activity().running()).isZero();
  }

  @Test
  void whileItStopsCallsUnderWayEndAndNewOnesAreRefused() throws Exception {
    fake.model().at(Stage.PREDICT, 2, gate::pass);
    ProbeSelectImageModel model = model();
    CompletableFuture<ImageResponse> underWay = callInCommonPool(model);
    gate.awaitArrival();
    CountDownLatch stopped = new CountDownLatch(1);

    model.stop(stopped::countDown);

    assertThat(model.activity().stopped()).isTrue();
    assertThatExceptionOfType(BackendException.class)
        .isThrownBy(() -> call(model))
        .withMessageContaining("stopped");
    assertThat(stopped.getCount()).as("it waits for the call under way").isOne();
    gate.open();
    assertThat(stopped.await(30, TimeUnit.SECONDS)).isTrue();
    assertThat(underWay.get(30, TimeUnit.SECONDS).getResults()).hasSize(1);

    model.start();
    assertThat(call(model).getResults()).as("a context that is started again").hasSize(1);
  }

  @Test
  void anIdleModelStopsAtOnce() {
    ProbeSelectImageModel model = model();
    CountDownLatch stopped = new CountDownLatch(1);

    model.stop(stopped::countDown);

    assertThat(stopped.getCount()).isZero();
    assertThat(model.activity().stopped()).isTrue();
  }

  @Test
  void whatStillRunsWhenTheModelIsDestroyedIsCancelled() throws Exception {
    fake.model().at(Stage.PREDICT, 2, gate::pass);
    ProbeSelectImageModel model = model();
    CompletableFuture<ImageResponse> underWay = callInCommonPool(model);
    gate.awaitArrival();
    Thread destroying = new Thread(model::destroy);
    destroying.start();
    while (destroying.getState() != Thread.State.TIMED_WAITING) {
      Thread.onSpinWait(); // until it has cancelled, and waits for the end
    }

    gate.open();
    destroying.join();

    assertThatExceptionOfType(CompletionException.class)
        .isThrownBy(underWay::join)
        .withCauseInstanceOf(GenerationCancelledException.class);
    assertThat(model.activity().running()).isZero();
  }

  @Test
  void aClosedPipelineRefusesCalls() {
    ProbeSelectImageModel model = model();
    fake.pipeline().close();

    assertThatExceptionOfType(BackendException.class).isThrownBy(() -> call(model));
    assertThat(model.activity().running()).isZero();
  }
}
