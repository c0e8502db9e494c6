package io.github.probeselect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.github.probeselect.error.BackendException;
import io.github.probeselect.error.GenerationCancelledException;
import io.github.probeselect.testing.FakePipeline;
import io.github.probeselect.testing.Gate;
import io.github.probeselect.testing.Stage;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(60)
class CloseTest {

  @RegisterExtension final FakePipeline fake = new FakePipeline();
  private final Gate gate = new Gate();

  @AfterEach
  void letGo() {
    gate.open();
  }

  @ParameterizedTest(name = "during {0} call {1}")
  @CsvSource({"ENCODE, 1", "PREDICT, 1", "CAPTURE, 1", "PREDICT, 4", "DECODE, 1"})
  void fromAnotherThreadStopsTheGenerationAndWaitsForIt(Stage stage, int call) throws Exception {
    fake.model().at(stage, call, gate::pass);
    Generation generation = fake.request(4, 2).start();
    gate.awaitArrival();

    Thread closer = new Thread(fake.pipeline()::close);
    closer.start();
    awaitWaiting(closer);
    assertThat(fake.model().isClosed()).as("closed under a running generation").isFalse();
    gate.open();

    assertThatExceptionOfType(GenerationCancelledException.class)
        .isThrownBy(generation::join)
        .withMessageContaining("pipeline was closed");
    closer.join();
    assertThat(fake.model().isClosed()).isTrue();
    fake.assertNothingLeft();
  }

  @Test
  void anInterruptOfTheClosingThreadIsKeptAndTheModelIsStillReleased() throws Exception {
    fake.model().at(Stage.PREDICT, 1, gate::pass);
    Generation generation = fake.request(2, 1).start();
    gate.awaitArrival();
    AtomicBoolean interrupted = new AtomicBoolean();

    Thread closer =
        new Thread(
            () -> {
              fake.pipeline().close();
              interrupted.set(Thread.currentThread().isInterrupted());
            });
    closer.start();
    awaitWaiting(closer);
    closer.interrupt();
    gate.open();
    closer.join();

    assertThat(interrupted).isTrue();
    assertThat(fake.model().isClosed()).isTrue();
    assertThatExceptionOfType(GenerationCancelledException.class).isThrownBy(generation::join);
  }

  @Test
  void fromWithinProgressEndsTheGenerationBeforeTheModelIsReleased() {
    assertThatExceptionOfType(GenerationCancelledException.class)
        .isThrownBy(
            () ->
                fake.request(4, 2)
                    .listener(
                        new GenerationListener() {
                          @Override
                          public void onProgress(Progress progress) {
                            fake.pipeline().close();
                            assertThat(fake.model().isClosed()).isFalse();
                          }
                        })
                    .generate());
    assertThat(fake.model().rows()).isEqualTo(4);
    fake.assertNothingLeft();
  }

  @Test
  void fromWithinTheDecisionEndsTheGenerationBeforeTheModelIsReleased() {
    assertThatExceptionOfType(GenerationCancelledException.class)
        .isThrownBy(
            () ->
                fake.request(4, 2)
                    .listener(
                        new GenerationListener() {
                          @Override
                          public void onDecision(List<Candidate> candidates) {
                            fake.pipeline().close();
                          }
                        })
                    .generate());
    assertThat(fake.model().calls(Stage.DECODE)).isZero();
    fake.assertNothingLeft();
  }

  @Test
  void fromWithinTheLastImageLetsTheResultThrough() {
    GenerationResult result =
        fake.request(4, 1)
            .listener(
                new GenerationListener() {
                  @Override
                  public void onImage(KeptImage image) {
                    fake.pipeline().close();
                  }
                })
            .generate();

    assertThat(result.images()).hasSize(1);
    fake.assertNothingLeft();
  }

  @Test
  void fromWithinAnAsynchronousGenerationDoesNotWaitForItself() {
    Generation generation =
        fake.request(4, 2)
            .listener(
                new GenerationListener() {
                  @Override
                  public void onProgress(Progress progress) {
                    fake.pipeline().close();
                  }
                })
            .start();

    assertThatExceptionOfType(GenerationCancelledException.class).isThrownBy(generation::join);
  }

  @Test
  void stopsEveryGenerationThatRuns() {
    Gate other = new Gate();
    fake.model().at(Stage.ENCODE, 1, gate::pass).at(Stage.ENCODE, 2, other::pass);
    Generation first = fake.request(2, 1).start();
    gate.awaitArrival();
    Generation second = fake.request(2, 1).start();
    other.awaitArrival();

    Thread closer = new Thread(fake.pipeline()::close);
    closer.start();
    awaitWaiting(closer);
    gate.open();
    other.open();

    assertThatExceptionOfType(GenerationCancelledException.class).isThrownBy(first::join);
    assertThatExceptionOfType(GenerationCancelledException.class).isThrownBy(second::join);
    assertThat(fake.model().rows()).isZero();
  }

  @Test
  void twiceIsHarmless() {
    fake.request(2, 1).generate();

    fake.pipeline().close();
    fake.pipeline().close();

    fake.assertNothingLeft();
  }

  @Test
  void nothingIsGeneratedAfterwards() {
    GenerationRequest request = fake.request(2, 2);
    fake.pipeline().close();

    assertThatExceptionOfType(BackendException.class)
        .isThrownBy(request::generate)
        .withMessageContaining("closed");
    assertThatExceptionOfType(BackendException.class)
        .isThrownBy(request::start)
        .withMessageContaining("closed");
    assertThatExceptionOfType(BackendException.class)
        .isThrownBy(() -> fake.pipeline().metric("brightness"));
  }

  @Test
  void aModelThatFailsToCloseKeepsNobodyWaiting() throws Exception {
    Lifecycle lifecycle =
        new Lifecycle(
            () -> {
              throw new IllegalStateException("stuck");
            });
    Cancellation running = new Cancellation(Optional.empty());
    lifecycle.enter(running);
    Thread closer = new Thread(lifecycle::close);
    closer.start();
    awaitWaiting(closer);

    assertThatIllegalStateException()
        .isThrownBy(() -> lifecycle.leave(running))
        .withMessage("stuck");

    closer.join();
  }

  private static void awaitWaiting(Thread thread) {
    while (thread.getState() != Thread.State.WAITING) {
      assertThat(thread.isAlive()).as("the thread waits rather than ends").isTrue();
      Thread.onSpinWait();
    }
  }
}
