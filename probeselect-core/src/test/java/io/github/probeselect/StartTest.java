package io.github.probeselect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.github.probeselect.error.DeadlineExceededException;
import io.github.probeselect.error.GenerationCancelledException;
import io.github.probeselect.testing.FakePipeline;
import io.github.probeselect.testing.Gate;
import io.github.probeselect.testing.Stage;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Many generations started at once. The timeouts only tell a hang. */
@Timeout(60)
class StartTest {

  @RegisterExtension final FakePipeline fake = new FakePipeline();
  private final Gate gate = new Gate();

  @AfterEach
  void letGo() {
    gate.open();
  }

  /** As many as run at once, state at the gate. */
  private List<Generation> busy() {
    CountDownLatch there = new CountDownLatch(GenerationThreads.AT_ONCE);
    for (int call = 1; call <= GenerationThreads.AT_ONCE; call++) {
      fake.model()
          .at(
              Stage.ENCODE,
              call,
              () -> {
                there.countDown();
                gate.pass();
              });
    }
    List<Generation> busy = started(GenerationThreads.AT_ONCE);
    try {
      assertThat(there.await(30, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
    return busy;
  }

  private List<Generation> started(int count) {
    return IntStream.range(0, count).mapToObj(i -> fake.request(2, 1).start()).toList();
  }

  @Test
  void aBoundedNumberRunsOnDaemonThreadsAndTheOthersWait() {
    Set<Thread> before = threads();
    List<Generation> generations = new ArrayList<>(busy());
    generations.addAll(started(3000));

    Set<Thread> made = threads();
    made.removeAll(before);
    assertThat(made).hasSize(GenerationThreads.AT_ONCE).allMatch(Thread::isDaemon);
    assertThat(fake.model().calls(Stage.ENCODE)).isEqualTo(GenerationThreads.AT_ONCE);
    gate.open();
    assertThat(generations).allSatisfy(one -> assertThat(one.join().images()).hasSize(1));
  }

  private static Set<Thread> threads() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().startsWith("probeselect-"))
        .collect(Collectors.toSet());
  }

  @Test
  void whoWaitsIsCancelledAtOnce() {
    final List<Generation> busy = busy();
    List<Generation> waiting = started(500);

    waiting.forEach(Generation::cancel);

    assertThat(waiting)
        .allSatisfy(
            one -> {
              assertThat(one.future()).isCompletedExceptionally();
              assertThatExceptionOfType(GenerationCancelledException.class)
                  .isThrownBy(one::join)
                  .withMessageContaining("cancelled");
            });
    gate.open();
    assertThat(busy).allSatisfy(one -> assertThat(one.join().images()).hasSize(1));
    assertThat(fake.model().calls(Stage.ENCODE)).isEqualTo(busy.size());
  }

  @Test
  void cancellingTheFutureOfWhoWaitsIsEnough() {
    final List<Generation> busy = busy();
    Generation waiting = started(1).get(0);

    assertThat(waiting.future().cancel(false)).isTrue();

    assertThatExceptionOfType(GenerationCancelledException.class).isThrownBy(waiting::join);
    gate.open();
    busy.forEach(Generation::join);
    fake.pipeline().close();
    assertThat(fake.model().calls(Stage.ENCODE)).isEqualTo(busy.size());
  }

  @Test
  void whoWaitsObeysItsDeadlineWithoutItsTurn() {
    busy();
    Generation late = fake.request(2, 1).deadline(Instant.now().plusMillis(50)).start();
    Generation past = fake.request(2, 1).deadline(Instant.MIN).start();
    Generation never = fake.request(2, 1).deadline(Instant.MAX).start();

    assertThat(late.future())
        .failsWithin(Duration.ofSeconds(30))
        .withThrowableThat()
        .withCauseInstanceOf(DeadlineExceededException.class);
    assertThatExceptionOfType(DeadlineExceededException.class).isThrownBy(past::join);
    assertThat(never.future()).isNotDone();
    gate.open();
    assertThat(never.join().images()).hasSize(1);
  }

  @Test
  void closingFailsWhoWaitsAtOnceAndWaitsForWhoRuns() throws Exception {
    final List<Generation> busy = busy();
    List<Generation> waiting = started(100);
    Thread closer = new Thread(fake.pipeline()::close);
    closer.start();

    assertThat(waiting)
        .allSatisfy(
            one ->
                assertThat(one.future())
                    .failsWithin(Duration.ofSeconds(30))
                    .withThrowableThat()
                    .withCauseInstanceOf(GenerationCancelledException.class)
                    .withMessageContaining("pipeline was closed"));
    assertThat(closer.isAlive()).isTrue();
    assertThat(fake.model().isClosed()).isFalse();
    gate.open();
    closer.join();
    fake.assertNothingLeft();
    assertThat(busy)
        .allSatisfy(
            one ->
                assertThatExceptionOfType(GenerationCancelledException.class)
                    .isThrownBy(one::join)
                    .withMessageContaining("pipeline was closed"));
  }

  @Test
  void whoeverIsAcceptedWhileThePipelineClosesIsCancelled() {
    for (int round = 0; round < 50; round++) {
      fake.with(manifest -> {});
      List<Generation> generations = new ArrayList<>(started(20));
      fake.pipeline().close();

      assertThat(generations)
          .allSatisfy(
              one -> {
                try {
                  assertThat(one.join().images()).hasSize(1);
                } catch (GenerationCancelledException e) {
                  assertThat(e).hasMessageContaining("closed");
                }
              });
      fake.assertNothingLeft();
    }
  }

  @Test
  void whoCameFirstIsServedFirst() {
    Gate last = new Gate();
    fake.model().at(Stage.ENCODE, GenerationThreads.AT_ONCE, last::pass);
    for (int call = 1; call < GenerationThreads.AT_ONCE; call++) {
      fake.model().at(Stage.ENCODE, call, gate::pass);
    }
    started(GenerationThreads.AT_ONCE);
    last.awaitArrival();
    List<Long> order = Collections.synchronizedList(new ArrayList<>());
    List<Generation> waiting = new ArrayList<>();
    for (long seed = 0; seed < 40; seed++) {
      waiting.add(
          fake.request(1, 1)
              .seeds(seed)
              .listener(
                  new GenerationListener() {
                    @Override
                    public void onImage(KeptImage image) {
                      order.add(image.seed());
                    }
                  })
              .start());
    }
    last.open();
    waiting.forEach(Generation::join);

    assertThat(order).isSorted().hasSize(40);
  }

  static List<Named<Function<List<Generation>, GenerationResult>>> waits() {
    return List.of(
        Named.of("join", started -> started.get(0).join()),
        Named.of("join of the future", started -> started.get(0).future().join()),
        Named.of("get", started -> get(started.get(0).future())),
        Named.of(
            "join of what is derived", started -> started.get(0).future().thenApply(r -> r).join()),
        Named.of(
            "all of several",
            started -> {
              CompletableFuture.allOf(
                      started.stream().map(Generation::future).toArray(CompletableFuture[]::new))
                  .join();
              return started.get(0).join();
            }),
        Named.of(
            "a latch",
            started -> {
              CompletableFuture<GenerationResult> elsewhere = new CompletableFuture<>();
              started.get(0).future().thenAccept(elsewhere::complete);
              return elsewhere.join();
            }));
  }

  private static GenerationResult get(CompletableFuture<GenerationResult> future) {
    try {
      return future.get();
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  @ParameterizedTest
  @MethodSource("waits")
  void callbacksThatWaitForGenerationsTheyStartGetThemThoughAllThreadsAreTaken(
      Function<List<Generation>, GenerationResult> wait) {
    CyclicBarrier allInCallbacks = new CyclicBarrier(GenerationThreads.AT_ONCE);
    AtomicInteger nested = new AtomicInteger();
    List<Generation> outer = new ArrayList<>();
    for (int i = 0; i < 3 * GenerationThreads.AT_ONCE; i++) {
      outer.add(
          Callback.PROGRESS
              .once(
                  fake.request(2, 1),
                  () -> {
                    OtherThread.await(allInCallbacks);
                    nested.addAndGet(wait.apply(started(2)).images().size());
                  })
              .start());
    }

    assertThat(outer).allSatisfy(one -> assertThat(one.join().images()).hasSize(1));
    assertThat(nested).hasValue(outer.size());
  }

  @Test
  void callbacksInCallbacksInCallbacksMayWaitToo() {
    List<Generation> outer = new ArrayList<>();
    for (int i = 0; i < 2 * GenerationThreads.AT_ONCE; i++) {
      outer.add(nested(6));
    }

    assertThat(outer).allSatisfy(one -> assertThat(one.join().images()).hasSize(1));
  }

  private Generation nested(int depth) {
    return Callback.PROGRESS
        .once(
            fake.request(2, 1),
            () -> {
              if (depth > 0) {
                assertThat(nested(depth - 1).join().images()).hasSize(1);
              }
            })
        .start();
  }

  @Test
  void aCallbackMayWaitForOneThatStandsBehindIt() {
    int count = 4 * GenerationThreads.AT_ONCE;
    CompletableFuture<List<Generation>> all = new CompletableFuture<>();
    List<Generation> chain = new ArrayList<>();
    AtomicInteger joined = new AtomicInteger();
    for (int i = 0; i < count; i++) {
      int next = i + 1;
      chain.add(
          Callback.DECISION
              .once(
                  fake.request(2, 1),
                  () -> {
                    if (next < count) {
                      all.join().get(next).join();
                      joined.incrementAndGet();
                    }
                  })
              .start());
    }
    all.complete(chain);

    assertThat(chain).allSatisfy(one -> assertThat(one.join().images()).hasSize(1));
    assertThat(joined).hasValue(count - 1);
  }

  @Test
  void dependentsOfFuturesMayStartOthersAndWaitForThem() {
    List<CompletableFuture<Integer>> futures = new ArrayList<>();
    for (int i = 0; i < 3 * GenerationThreads.AT_ONCE; i++) {
      futures.add(
          fake.request(2, 1)
              .start()
              .future()
              .thenApply(result -> fake.request(3, 2).start().join().images().size()));
    }

    assertThat(futures).allSatisfy(one -> assertThat(one.join()).isEqualTo(2));
  }
}
