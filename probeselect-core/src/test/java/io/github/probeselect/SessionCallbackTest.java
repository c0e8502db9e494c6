package io.github.probeselect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.github.probeselect.error.GenerationCancelledException;
import io.github.probeselect.error.InvalidRequestException;
import io.github.probeselect.selection.DecisionPoint;
import io.github.probeselect.testing.FakePipeline;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Code of the caller of a session that calls the session. The timeouts only tell a hang. */
@Timeout(60)
class SessionCallbackTest {

  @RegisterExtension final FakePipeline fake = new FakePipeline();

  @TempDir Path directory;

  @ParameterizedTest
  @EnumSource(Callback.class)
  void aSessionCanBeReadInItsOwnCallbacksAndOnThreadsTheyWaitFor(Callback callback)
      throws Exception {
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
        callback
            .in(
                fake.pipeline().request(FakePipeline.PROMPT).candidates(3).steps(6),
                () -> {
                  if (ready.compareAndSet(true, false)) {
                    reading.run();
                    OtherThread.run(reading);
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
  @EnumSource(Callback.class)
  void whoeverWatchesASessionDoesNotLeadIt(Callback callback) {
    List<Session> own = new ArrayList<>();
    List<Throwable> refusals = Collections.synchronizedList(new ArrayList<>());
    AtomicBoolean ready = new AtomicBoolean();
    Session session =
        callback
            .in(
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
          Callback.PROGRESS
              .once(
                  fake.pipeline().request(FakePipeline.PROMPT).candidates(2).steps(6),
                  () -> {
                    OtherThread.await(bothCompute);
                    call.on(sessions[other]);
                  })
              .open();
    }
    return sessions;
  }

  private static void together(Session[] sessions) {
    CompletableFuture<GenerationResult> beside =
        CompletableFuture.supplyAsync(
            sessions[1]::finish, task -> OtherThread.daemon(task).start());
    assertThat(sessions[0].finish().images()).isNotEmpty();
    assertThat(beside.join().images()).isNotEmpty();
  }

  @Test
  void aSessionAndAGenerationThatWaitForEachOtherEnd() {
    CyclicBarrier bothThere = new CyclicBarrier(2);
    List<Throwable> refusals = Collections.synchronizedList(new ArrayList<>());
    CompletableFuture<Session> opened = new CompletableFuture<>();
    Generation generation =
        Callback.DECISION
            .once(
                fake.request(2, 1),
                () -> {
                  OtherThread.await(bothThere);
                  refusals.add(catchThrowable(() -> opened.join().keep(Origin.seed(0))));
                })
            .start();
    Session session =
        Callback.PROGRESS
            .once(
                fake.pipeline().request(FakePipeline.PROMPT).candidates(2),
                () -> {
                  OtherThread.await(bothThere);
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
}
