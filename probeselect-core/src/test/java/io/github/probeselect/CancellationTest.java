package io.github.probeselect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.github.probeselect.error.BackendException;
import io.github.probeselect.error.GenerationCancelledException;
import io.github.probeselect.selection.DecisionPoint;
import io.github.probeselect.selection.SelectionPolicy;
import io.github.probeselect.testing.FakePipeline;
import io.github.probeselect.testing.Gate;
import io.github.probeselect.testing.Stage;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * A generation of 5 candidates in chunks of 2 with 3 early and 4 remaining steps of the 2 kept: 6
 * predictions and 3 captures, then 4 predictions and 2 images.
 */
class CancellationTest {

  @RegisterExtension final FakePipeline fake = new FakePipeline();
  private final Gate gate = new Gate();

  @AfterEach
  void letGo() {
    gate.open();
    Thread.interrupted();
  }

  private GenerationRequest request() {
    return fake.request(5, 2).microBatchSize(2).steps(7).decideAt(DecisionPoint.step(3));
  }

  @ParameterizedTest(name = "during {0} call {1}")
  @CsvSource({
    "ENCODE, 1", // the prompt
    "PREDICT, 1", // an early step
    "PREDICT, 6",
    "CAPTURE, 1", // the last early step
    "CAPTURE, 3",
    "PREDICT, 7", // a remaining step
    "PREDICT, 10",
    "DECODE, 1" // the first image
  })
  void stopsBeforeTheNextCall(Stage stage, int call) {
    fake.model().at(stage, call, gate::pass);
    Generation generation = request().start();

    gate.awaitArrival();
    final int calls = calls();
    generation.cancel();
    gate.open();

    assertThatExceptionOfType(GenerationCancelledException.class)
        .isThrownBy(generation::join)
        .withMessageContaining("cancelled");
    assertThat(calls()).isEqualTo(calls);
    assertThat(generation.future()).isCompletedExceptionally();
  }

  @Test
  void stopsAfterTheDecision() {
    SelectionPolicy policy =
        round -> {
          gate.pass();
          return round.candidates().subList(0, round.atMost());
        };
    Generation generation = request().policy(policy).start();

    gate.awaitArrival();
    generation.cancel();
    gate.open();

    assertThatExceptionOfType(GenerationCancelledException.class).isThrownBy(generation::join);
    assertThat(fake.model().calls(Stage.CAPTURE)).isEqualTo(3);
    assertThat(fake.model().calls(Stage.PREDICT)).isEqualTo(6);
  }

  @Test
  void stopsBetweenPreviews() {
    fake.model().at(Stage.DECODE, 2, gate::pass);
    Generation generation = request().previews(true).start();

    gate.awaitArrival();
    generation.cancel();
    gate.open();

    assertThatExceptionOfType(GenerationCancelledException.class).isThrownBy(generation::join);
    assertThat(fake.model().calls(Stage.DECODE)).isEqualTo(2);
  }

  @Test
  void ofTheFutureStopsTheGeneration() {
    fake.model().at(Stage.PREDICT, 2, gate::pass);
    Generation generation = request().start();

    gate.awaitArrival();
    assertThat(generation.future().cancel(true)).isTrue();
    gate.open();

    assertThatExceptionOfType(GenerationCancelledException.class).isThrownBy(generation::join);
    assertThatExceptionOfType(CancellationException.class)
        .isThrownBy(() -> generation.future().join());
    fake.pipeline().close();
    assertThat(fake.model().calls(Stage.PREDICT)).isEqualTo(2);
  }

  @Test
  void ofAFinishedGenerationChangesNothing() {
    Generation generation = request().start();
    GenerationResult result = generation.join();

    generation.cancel();

    assertThat(generation.join()).isSameAs(result);
    assertThat(generation.future().cancel(true)).isFalse();
  }

  @Test
  void leavesOtherGenerationsAlone() {
    fake.model().at(Stage.PREDICT, 1, gate::pass);
    Generation cancelled = request().start();
    gate.awaitArrival();
    Generation other = request().start();
    cancelled.cancel();

    assertThat(other.join().images()).hasSize(2);
    gate.open();
    assertThatExceptionOfType(GenerationCancelledException.class).isThrownBy(cancelled::join);
  }

  @ParameterizedTest(name = "during {0} call {1}")
  @CsvSource({"ENCODE, 1", "PREDICT, 4", "CAPTURE, 2", "PREDICT, 9", "DECODE, 1"})
  void anInterruptStopsASynchronousGenerationAndStaysSet(Stage stage, int call) {
    fake.model().at(stage, call, Thread.currentThread()::interrupt);

    assertThatExceptionOfType(GenerationCancelledException.class)
        .isThrownBy(() -> request().generate())
        .withMessageContaining("interrupted");
    assertThat(Thread.interrupted()).isTrue();
    assertThat(fake.model().calls(stage)).isEqualTo(call);
  }

  @ParameterizedTest(name = "in {0} call {1}")
  @CsvSource({"ENCODE, 1", "PREDICT, 4", "CAPTURE, 2", "PREDICT, 9", "DECODE, 2"})
  void aFaultOfTheBackendReachesTheCallerAndLeavesNothingOpen(Stage stage, int call) {
    BackendException fault = new BackendException("out of memory");
    fake.model()
        .at(
            stage,
            call,
            () -> {
              throw fault;
            });

    assertThatExceptionOfType(BackendException.class)
        .isThrownBy(() -> request().generate())
        .isSameAs(fault);
    assertThat(fake.model().open()).hasSize(1); // the probe, which lives as long as the model
    assertThat(request().generate().images()).hasSize(2);
  }

  @Test
  void aFaultFailsTheFutureWithTheExceptionThatGenerateThrows() {
    BackendException fault = new BackendException("out of memory");
    fake.model()
        .at(
            Stage.PREDICT,
            3,
            () -> {
              throw fault;
            });
    Generation generation = request().start();

    assertThatExceptionOfType(BackendException.class).isThrownBy(generation::join).isSameAs(fault);
    assertThatExceptionOfType(CompletionException.class)
        .isThrownBy(() -> generation.future().join())
        .withCause(fault);
  }

  @Test
  void anAsynchronousResultIsTheSynchronousOne() {
    List<Generation> generations = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      generations.add(request().start());
    }

    GenerationResult expected = request().generate();

    assertThat(generations)
        .allSatisfy(
            generation -> {
              assertThat(generation.join().images()).isEqualTo(expected.images());
              assertThat(generation.future().join().candidates()).isEqualTo(expected.candidates());
            });
  }

  private int calls() {
    int calls = 0;
    for (Stage stage : Stage.values()) {
      calls += fake.model().calls(stage);
    }
    return calls;
  }
}
