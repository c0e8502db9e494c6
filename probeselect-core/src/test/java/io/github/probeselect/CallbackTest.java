package io.github.probeselect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.github.probeselect.error.GenerationCancelledException;
import io.github.probeselect.error.InvalidRequestException;
import io.github.probeselect.error.ProbeSelectException;
import io.github.probeselect.model.Probe;
import io.github.probeselect.model.QualityMetric;
import io.github.probeselect.selection.DecisionPoint;
import io.github.probeselect.selection.Forecast;
import io.github.probeselect.selection.SelectionPolicy;
import io.github.probeselect.testing.FakeModel;
import io.github.probeselect.testing.FakePipeline;
import io.github.probeselect.testing.Gate;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Code of the caller that waits for what waits for it. The timeouts only tell a hang. */
@Timeout(60)
class CallbackTest {

  @RegisterExtension final FakePipeline fake = new FakePipeline();
  @TempDir Path directory;

  /** Where a generation, or a session, calls code of its caller; once each here. */
  enum Kind {
    PROGRESS {
      @Override
      GenerationRequest in(GenerationRequest request, Runnable code) {
        return request.listener(
            new GenerationListener() {
              @Override
              public void onProgress(Progress progress) {
                code.run();
              }
            });
      }
    },
    DECISION {
      @Override
      GenerationRequest in(GenerationRequest request, Runnable code) {
        return request.listener(
            new GenerationListener() {
              @Override
              public void onDecision(List<Candidate> candidates) {
                code.run();
              }
            });
      }
    },
    IMAGE {
      @Override
      GenerationRequest in(GenerationRequest request, Runnable code) {
        return request.listener(
            new GenerationListener() {
              @Override
              public void onImage(KeptImage image) {
                code.run();
              }
            });
      }
    },
    OBSERVER {
      @Override
      GenerationRequest in(GenerationRequest request, Runnable code) {
        return request
            .observer(observation -> code.run())
            .observeAt(DecisionPoint.step(1), DecisionPoint.step(2));
      }
    },
    SIGNAL {
      @Override
      GenerationRequest in(GenerationRequest request, Runnable code) {
        Probe probe =
            observation -> {
              code.run();
              return new double[observation.size()];
            };
        return request.probe(probe);
      }
    },
    FORECAST {
      @Override
      GenerationRequest in(GenerationRequest request, Runnable code) {
        return request.forecast(
            readings -> {
              code.run();
              return Forecast.latest().of(readings);
            });
      }
    },
    POLICY {
      @Override
      GenerationRequest in(GenerationRequest request, Runnable code) {
        return request.policy(
            round -> {
              code.run();
              return SelectionPolicy.topK().select(round);
            });
      }
    },
    METRIC {
      @Override
      GenerationRequest in(GenerationRequest request, Runnable code) {
        return request.rescoreBy(
            QualityMetric.of(
                "own",
                (image, prompt) -> {
                  code.run();
                  return 1;
                }));
      }
    };

    abstract GenerationRequest in(GenerationRequest request, Runnable code);

    GenerationRequest once(GenerationRequest request, Runnable code) {
      AtomicBoolean done = new AtomicBoolean();
      return in(
          request,
          () -> {
            if (done.compareAndSet(false, true)) {
              code.run();
            }
          });
    }
  }

  @ParameterizedTest
  @EnumSource(Kind.class)
  void waitingForItsOwnGenerationIsRefusedAtOnceAndTheGenerationGoesOn(Kind kind) {
    CompletableFuture<Generation> started = new CompletableFuture<>();
    List<Throwable> refusals = Collections.synchronizedList(new ArrayList<>());
    Generation generation =
        kind.once(
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
          Kind.PROGRESS
              .once(
                  fake.request(2, 1),
                  () -> {
                    await(allThere);
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
        Kind.OBSERVER.once(fake.request(2, 1), () -> started.join().join()).start();
    started.complete(generation);

    assertThatExceptionOfType(InvalidRequestException.class).isThrownBy(generation::join);
  }

  @ParameterizedTest
  @EnumSource(Kind.class)
  void otherGenerationsMayRunInsideOnThisThreadAndBeside(Kind kind) {
    List<Integer> images = Collections.synchronizedList(new ArrayList<>());
    GenerationResult result =
        kind.once(
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
  @EnumSource(Kind.class)
  void aCallbackMayClose(Kind kind) {
    Throwable thrown =
        catchThrowable(kind.once(fake.request(4, 2), fake.pipeline()::close)::generate);

    // After the images are scored there is nothing left to cancel.
    if (kind != Kind.METRIC) {
      assertThat(thrown)
          .isInstanceOf(GenerationCancelledException.class)
          .hasMessageContaining("closed");
    }
    fake.assertNothingLeft();
  }

  @ParameterizedTest
  @EnumSource(names = {"PROGRESS", "OBSERVER", "SIGNAL", "POLICY", "METRIC"})
  void aCallbackMayWaitForAThreadThatCloses(Kind kind) {
    Throwable thrown =
        catchThrowable(
            kind.once(fake.request(4, 2), () -> elsewhere(fake.pipeline()::close))::generate);

    if (kind != Kind.METRIC) {
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
          Kind.PROGRESS
              .once(
                  fake.request(4, 2),
                  () -> {
                    await(allThere);
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
        Kind.PROGRESS
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
          Kind.PROGRESS
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
        Kind.PROGRESS
            .once(
                fake.request(4, 2),
                () -> {
                  await(bothThere);
                  other.close();
                  await(bothThere);
                })
            .start();
    Generation two =
        Kind.PROGRESS
            .once(
                other.request(FakePipeline.PROMPT).candidates(4).keep(2),
                () -> {
                  await(bothThere);
                  fake.pipeline().close();
                  await(bothThere);
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

  @ParameterizedTest
  @EnumSource(Kind.class)
  void aSessionCanBeReadInItsOwnCallbacksAndOnThreadsTheyWaitFor(Kind kind) throws Exception {
    List<Object> read = Collections.synchronizedList(new ArrayList<>());
    List<Session> own = new ArrayList<>();
    Path file = directory.resolve("a.session");
    Runnable reading =
        () -> {
          Session session = own.get(0);
          read.add(session.candidates());
          read.add(session.evaluations());
          read.add(session.settings());
          read.add(session.preview(Origin.seed(0)));
          read.add(checked(() -> save(session, file)));
          session.cancel();
        };
    AtomicBoolean ready = new AtomicBoolean();
    Session session =
        kind.in(
                fake.pipeline().request(FakePipeline.PROMPT).candidates(3).steps(6),
                () -> {
                  if (ready.compareAndSet(true, false)) {
                    reading.run();
                    elsewhere(reading);
                  }
                })
            .open();
    own.add(session);
    session.advance(DecisionPoint.step(1));
    ready.set(true);
    Throwable stopped =
        catchThrowable(() -> session.advance(DecisionPoint.step(2)).keep(1).finish());
    if (stopped != null) {
      assertThat(stopped).isInstanceOf(GenerationCancelledException.class);
      assertThat(session.finish().images()).isNotEmpty();
    }

    assertThat(read).hasSize(10).doesNotContainNull();
    assertThat(fake.pipeline().openSession(file).candidates()).hasSize(3);
  }

  @ParameterizedTest
  @EnumSource(Kind.class)
  void whoeverWatchesASessionDoesNotLeadIt(Kind kind) {
    List<Session> own = new ArrayList<>();
    List<Throwable> refusals = Collections.synchronizedList(new ArrayList<>());
    AtomicBoolean ready = new AtomicBoolean();
    Session session =
        kind.in(
                fake.pipeline().request(FakePipeline.PROMPT).candidates(3).steps(6),
                () -> {
                  if (ready.compareAndSet(true, false)) {
                    Session it = own.get(0);
                    refusals.add(catchThrowable(() -> it.keep(1)));
                    refusals.add(catchThrowable(() -> it.keep(Origin.seed(0))));
                    refusals.add(catchThrowable(() -> it.resume(Origin.seed(0))));
                    refusals.add(catchThrowable(() -> it.start(Origin.seed(9))));
                    refusals.add(catchThrowable(() -> it.advance(DecisionPoint.step(5))));
                    refusals.add(catchThrowable(it::finish));
                  }
                })
            .open();
    own.add(session);
    ready.set(true);

    assertThat(session.advance(DecisionPoint.step(2)).keep(1).finish().images()).hasSize(1);
    assertThat(refusals)
        .hasSize(6)
        .allSatisfy(
            refusal ->
                assertThat(refusal)
                    .isInstanceOf(InvalidRequestException.class)
                    .hasMessageContaining("cannot call the session that called it"));
  }

  @Test
  void twoSessionsMayReadEachOtherInTheirListeners() {
    List<GenerationResult.Evaluations> read = Collections.synchronizedList(new ArrayList<>());
    Session[] sessions = sessionsThatCall(other -> read.add(other.evaluations()));

    together(sessions);

    assertThat(read).hasSize(2);
  }

  @Test
  void ofTwoSessionsThatLeadEachOtherInTheirListenersOneIsRefused() {
    List<Throwable> refusals = Collections.synchronizedList(new ArrayList<>());
    Session[] sessions =
        sessionsThatCall(
            other -> {
              Throwable refusal = catchThrowable(() -> other.keep(Origin.seed(0)));
              if (refusal != null) {
                refusals.add(refusal);
              }
            });

    together(sessions);

    assertThat(refusals).hasSize(1).hasOnlyElementsOfType(InvalidRequestException.class);
  }

  private interface Call {
    void on(Session session);
  }

  /** Two sessions whose listeners call the other one when both compute. */
  private Session[] sessionsThatCall(Call call) {
    CyclicBarrier bothCompute = new CyclicBarrier(2);
    Session[] sessions = new Session[2];
    for (int i = 0; i < 2; i++) {
      int other = 1 - i;
      sessions[i] =
          Kind.PROGRESS
              .once(
                  fake.pipeline().request(FakePipeline.PROMPT).candidates(2).steps(6),
                  () -> {
                    await(bothCompute);
                    call.on(sessions[other]);
                  })
              .open();
    }
    return sessions;
  }

  private static void together(Session[] sessions) {
    CompletableFuture<GenerationResult> beside =
        CompletableFuture.supplyAsync(sessions[1]::finish, task -> daemon(task).start());
    assertThat(sessions[0].finish().images()).isNotEmpty();
    assertThat(beside.join().images()).isNotEmpty();
  }

  @Test
  void aSessionAndAGenerationThatWaitForEachOtherEnd() {
    CyclicBarrier bothThere = new CyclicBarrier(2);
    List<Throwable> refusals = Collections.synchronizedList(new ArrayList<>());
    CompletableFuture<Session> opened = new CompletableFuture<>();
    Generation generation =
        Kind.DECISION
            .once(
                fake.request(2, 1),
                () -> {
                  await(bothThere);
                  refusals.add(catchThrowable(() -> opened.join().keep(Origin.seed(0))));
                })
            .start();
    Session session =
        Kind.PROGRESS
            .once(
                fake.pipeline().request(FakePipeline.PROMPT).candidates(2),
                () -> {
                  await(bothThere);
                  refusals.add(catchThrowable(generation::join));
                })
            .open();
    opened.complete(session);

    assertThat(session.finish().images()).isNotEmpty();
    assertThat(generation.join().images()).hasSize(1);
    assertThat(refusals)
        .filteredOn(refusal -> refusal != null)
        .hasSize(1)
        .hasOnlyElementsOfType(InvalidRequestException.class);
  }

  @Test
  void anInterruptOfACallbackThatJoinsAnotherGenerationDoesNotDisturbThatOne() {
    Generation other = fake.request(2, 1).start();
    Throwable thrown =
        catchThrowable(
            Kind.PROGRESS.once(
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
    for (Kind kind : Kind.values()) {
      CountDownLatch called = new CountDownLatch(1);
      Generation generation =
          kind.once(
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

  private static Path save(Session session, Path file) throws Exception {
    session.save(file);
    return file;
  }

  private static <T> T checked(Callable<T> call) {
    try {
      return call.call();
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  private static Thread daemon(Runnable work) {
    Thread thread = new Thread(work);
    thread.setDaemon(true);
    return thread;
  }

  /** Does something on another thread and waits for that in a way that nobody can see. */
  private static void elsewhere(Runnable work) {
    CompletableFuture.runAsync(work, task -> daemon(task).start()).join();
  }

  static void await(CyclicBarrier barrier) {
    try {
      barrier.await(30, TimeUnit.SECONDS);
    } catch (Exception e) {
      throw new ProbeSelectException("not everyone came", e);
    }
  }
}
