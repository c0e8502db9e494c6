package io.github.probeselect;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.probeselect.GenerationListener.Phase;
import io.github.probeselect.GenerationListener.Progress;
import io.github.probeselect.GenerationResult.Timings;
import io.github.probeselect.selection.DecisionPoint;
import io.github.probeselect.testing.FakePipeline;
import io.github.probeselect.testing.RecordingListener;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GenerationListenerTest {

  @RegisterExtension final FakePipeline fake = new FakePipeline();
  private final RecordingListener listener = new RecordingListener();

  @Test
  void isToldOfEveryDenoiserCall() {
    fake.request(3, 1)
        .steps(3)
        .decideAt(DecisionPoint.step(2))
        .microBatchSize(2)
        .listener(listener)
        .generate();

    assertThat(listener.progress())
        .containsExactly(
            new Progress(Phase.EARLY, 1, 3, 3, 2, 6, 2, 7),
            new Progress(Phase.EARLY, 1, 3, 3, 3, 6, 3, 7),
            new Progress(Phase.EARLY, 2, 3, 3, 5, 6, 5, 7),
            new Progress(Phase.EARLY, 2, 3, 3, 6, 6, 6, 7),
            new Progress(Phase.REMAINING, 3, 3, 1, 1, 1, 7, 7));
  }

  @Test
  void isToldTheDecisionAndTheImagesAsTheResultHasThem() {
    GenerationResult result = fake.request(5, 2).previews(true).listener(listener).generate();

    assertThat(listener.decisions()).containsExactly(result.candidates());
    assertThat(listener.images()).isEqualTo(result.images());
  }

  @Test
  void isToldOnTheThreadThatGenerates() {
    List<Thread> threads = new ArrayList<>();

    fake.request(2, 1)
        .listener(
            new GenerationListener() {
              @Override
              public void onProgress(Progress progress) {
                threads.add(Thread.currentThread());
              }
            })
        .generate();

    assertThat(threads).isNotEmpty().containsOnly(Thread.currentThread());
  }

  @ParameterizedTest
  @ValueSource(strings = {"onProgress", "onDecision", "onImage"})
  void thatThrowsDoesNotDisturbTheGeneration(String callback) {
    GenerationResult undisturbed = fake.request(4, 2).generate();

    GenerationResult result =
        fake.request(4, 2)
            .listener(
                new GenerationListener() {
                  @Override
                  public void onProgress(Progress progress) {
                    failIf("onProgress");
                  }

                  @Override
                  public void onDecision(List<Candidate> candidates) {
                    failIf("onDecision");
                  }

                  @Override
                  public void onImage(KeptImage image) {
                    failIf("onImage");
                  }

                  private void failIf(String called) {
                    if (called.equals(callback)) {
                      throw new IllegalStateException("a listener that throws");
                    }
                  }
                })
            .generate();

    assertThat(result.images()).isEqualTo(undisturbed.images());
    assertThat(result.candidates()).isEqualTo(undisturbed.candidates());
  }

  @Test
  void cannotChangeTheDecision() {
    GenerationResult result =
        fake.request(4, 2)
            .listener(
                new GenerationListener() {
                  @Override
                  public void onDecision(List<Candidate> candidates) {
                    candidates.clear();
                  }
                })
            .generate();

    assertThat(result.candidates()).hasSize(4);
  }

  @Test
  void timingsCoverTheWholeGeneration() {
    Timings timings = fake.request(4, 2).generate().timings();

    assertThat(timings.total())
        .isGreaterThanOrEqualTo(
            timings
                .encode()
                .plus(timings.early())
                .plus(timings.decide())
                .plus(timings.remaining())
                .plus(timings.decode()));
    assertThat(timings.early()).isPositive();
  }
}
