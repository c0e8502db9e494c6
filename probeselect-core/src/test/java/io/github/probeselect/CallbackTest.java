package io.github.probeselect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.github.probeselect.error.GenerationCancelledException;
import io.github.probeselect.error.InvalidRequestException;
import io.github.probeselect.testing.FakeModel;
import io.github.probeselect.testing.FakePipeline;
import io.github.probeselect.testing.Gate;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Code of the caller that waits for what waits for it. The timeouts only tell a hang. */
@Timeout(60)
class CallbackTest {

  @RegisterExtension final FakePipeline fake = new FakePipeline();

  @ParameterizedTest
  @EnumSource(Callback.class)
  void waitingForItsOwnGenerationIsRefusedAtOnceAndTheGenerationGoesOn(Callback callback) {
    CompletableFuture<Generation> started = new CompletableFuture<>();
    List<Throwable> refusals = Collections.synchronizedList(new ArrayList<>());
    Generation generation =
        callback
            .once(
                fake.request(4, 2),
                () -> {
                  Generation own = started.join();
                  refusals.add(catchThrowable(own::join));
                  refusals.add(catchThrowable(own.future()::join));
                  refusals.add(catchThrowable(own.future()::get));
                  refusals.add(catchThrowable(() -> own.future().get(1, TimeUnit.HOURS)));
                  refusals.add(catchThrowable(() -> own.future().thenApply(r -> 1).join()));
                })
            .start();
    started.complete(generation);

    assertThat(generation.join().images()).hasSize(2);
    assertThat(refusals)
        .hasSize(5)
        .allSatisfy(
            refusal ->
                assertThat(refusal)
                    .isInstanceOf(InvalidRequestException.class)
                    .hasMessageContaining("waits for that callback")
                    .hasMessageContaining("future().thenAccept"));
  }

  @ParameterizedTest(name = "{0} generations")
  @ValueSource(ints = {2, 3, 5})
  void generationsWhoseListenersJoinEachOtherInACircleEnd(int count) {
    CyclicBarrier allThere = new CyclicBarrier(count);
    CompletableFuture<List<Generation>> started = new CompletableFuture<>();
    List<Throwable> refusals = Collections.synchronizedList(new ArrayList<>());
    List<Generation> circle = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      int next = (i + 1) % count;
      circle.add(
          Callback.PROGRESS
              .once(
                  fake.request(2, 1),
                  () -> {
                    OtherThread.await(allThere);
                    Throwable refusal = catchThrowable(started.join().get(next)::join);
                    if (refusal != null) {
                      refusals.add(refusal);
                    }
                  })
              .start());
    }
    started.complete(circle);

    assertThat(circle).allSatisfy(one -> assertThat(one.join().images()).hasSize(1));
    assertThat(refusals).hasSize(1).hasOnlyElementsOfType(InvalidRequestException.class);
  }

  @Test
  void anErrorOfAnObserverThatWaitsForItselfIsTheRefusal() {
    CompletableFuture<Generation> started = new CompletableFuture<>();
    Generation generation =
        Callback.OBSERVER.once(fake.request(2, 1), () -> started.join().join()).start();
    started.complete(generation);

    assertThatExceptionOfType(InvalidRequestException.class).isThrownBy(generation::join);
  }

  @ParameterizedTest
  @EnumSource(Callback.class)
  void otherGenerationsMayRunInsideOnThisThreadAndBeside(Callback callback) {
    List<Integer> images = Collections.synchronizedList(new ArrayList<>());
    GenerationResult result =
        callback
            .once(
                fake.request(4, 2),
                () -> {
                  images.add(fake.request(2, 1).generate().images().size());
                  images.add(fake.request(3, 2).start().join().images().size());
                })
            .generate();

    assertThat(result.images()).hasSize(2);
    assertThat(images).containsExactly(1, 2);
  }

  @ParameterizedTest
  @EnumSource(Callback.class)
  void aCallbackMayClose(Callback callback) {
    Throwable thrown =
        catchThrowable(callback.once(fake.request(4, 2), fake.pipeline()::close)::generate);

    // After the images are scored there is nothing left to cancel.
    if (callback != Callback.METRIC) {
      assertThat(thrown)
          .isInstanceOf(GenerationCancelledException.class)
          .hasMessageContaining("closed");
    }
    fake.assertNothingLeft();
  }

  @ParameterizedTest
  @EnumSource(names = {"PROGRESS", "OBSERVER", "SIGNAL", "POLICY", "METRIC"})
  void aCallbackMayWaitForAThreadThatCloses(Callback callback) {
    Throwable thrown =
        catchThrowable(
            callback.once(fake.request(4, 2), () -> OtherThread.run(fake.pipeline()::close))
                ::generate);

    if (callback != Callback.METRIC) {
      assertThat(thrown).isInstanceOf(GenerationCancelledException.class);
    }
    fake.assertNothingLeft();
  }

  @ParameterizedTest(name = "{0} generations")
  @ValueSource(ints = {2, 8})
  void generationsMayAllCloseInTheirListeners(int count) {
    CyclicBarrier allThere = new CyclicBarrier(count);
    List<Generation> generations = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      generations.add(
          Callback.PROGRESS
              .once(
                  fake.request(4, 2),
                  () -> {
                    OtherThread.await(allThere);
                    fake.pipeline().close();
                  })
              .start());
    }

    assertThat(generations)
        .allSatisfy(
            one ->
                assertThatExceptionOfType(GenerationCancelledException.class)
                    .isThrownBy(one::join));
    fake.assertNothingLeft();
  }

  @Test
  void aListenerMayCloseWhileAnotherThreadCloses() throws Exception {
    Gate gate = new Gate();
    Generation generation =
        Callback.PROGRESS
            .once(
                fake.request(4, 2),
                () -> {
                  gate.pass();
                  fake.pipeline().close();
                })
            .start();
    gate.awaitArrival();
    fake.pipeline().close();
    assertThat(fake.model().isClosed()).as("closed under a callback").isFalse();
    gate.open();

    assertThatExceptionOfType(GenerationCancelledException.class).isThrownBy(generation::join);
    fake.assertNothingLeft();
  }

  @Test
  void closingWaitsForCallbacksThatTakeAMoment() throws Exception {
    for (int round = 0; round < 50; round++) {
      fake.with(manifest -> {});
      CountDownLatch called = new CountDownLatch(1);
      Generation generation =
          Callback.PROGRESS
              .in(
                  fake.request(4, 2),
                  () -> {
                    called.countDown();
                    Thread.yield();
                  })
              .start();
      called.await();
      fake.pipeline().close();

      fake.assertNothingLeft();
      Throwable stopped = catchThrowable(generation::join);
      if (stopped != null) {
        assertThat(stopped).isInstanceOf(GenerationCancelledException.class);
      }
    }
  }

  @Test
  void twoPipelinesMayCloseEachOtherInTheirListeners() {
    FakeModel model = new FakeModel();
    Pipeline other = new Pipeline(model);
    CyclicBarrier bothThere = new CyclicBarrier(2);
    Generation one =
        Callback.PROGRESS
            .once(
                fake.request(4, 2),
                () -> {
                  OtherThread.await(bothThere);
                  other.close();
                  OtherThread.await(bothThere);
                })
            .start();
    Generation two =
        Callback.PROGRESS
            .once(
                other.request(FakePipeline.PROMPT).candidates(4).keep(2),
                () -> {
                  OtherThread.await(bothThere);
                  fake.pipeline().close();
                  OtherThread.await(bothThere);
                })
            .start();

    assertThatExceptionOfType(GenerationCancelledException.class).isThrownBy(one::join);
    assertThatExceptionOfType(GenerationCancelledException.class).isThrownBy(two::join);
    fake.assertNothingLeft();
    assertThat(model.isClosed()).isTrue();
  }

  @Test
  void aDependentOfTheFutureMayClose() {
    assertThat(
            fake.request(2, 1)
                .start()
                .future()
                .thenApply(
                    result -> {
                      fake.pipeline().close();
                      return result.images().size();
                    })
                .join())
        .isEqualTo(1);
    fake.assertNothingLeft();
  }

  @Test
  void anInterruptOfACallbackThatJoinsAnotherGenerationDoesNotDisturbThatOne() {
    Generation other = fake.request(2, 1).start();
    Throwable thrown =
        catchThrowable(
            Callback.PROGRESS.once(
                    fake.request(2, 1),
                    () -> {
                      Thread.currentThread().interrupt();
                      other.join();
                    })
                ::generate);

    assertThat(Thread.interrupted()).isTrue();
    assertThat(thrown).isInstanceOf(GenerationCancelledException.class);
    assertThat(other.join().images()).hasSize(1);
  }

  @Test
  void generationsThatFailInCallbacksLeaveThePipelineUsable() {
    for (Callback callback : Callback.values()) {
      CountDownLatch called = new CountDownLatch(1);
      Generation generation =
          callback
              .once(
                  fake.request(3, 1),
                  () -> {
                    called.countDown();
                    throw new StackOverflowError();
                  })
              .start();
      assertThat(catchThrowable(generation::join)).isNotNull();
      assertThat(called.getCount()).isZero();
    }
    assertThat(fake.request(2, 1).generate().images()).hasSize(1);
  }
}
