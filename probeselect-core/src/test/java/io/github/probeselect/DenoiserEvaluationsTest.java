package io.github.probeselect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.github.probeselect.Candidate.Outcome;
import io.github.probeselect.error.InvalidRequestException;
import io.github.probeselect.selection.DecisionPoint;
import io.github.probeselect.testing.FakePipeline;
import io.github.probeselect.testing.RecordingListener;
import io.github.probeselect.testing.SchedulerConfigs;
import io.github.probeselect.testing.ScriptedProbe;
import io.github.probeselect.testing.Stage;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** What a generation costs: exactly n * s + k * (T - s) evaluations per guidance branch. */
class DenoiserEvaluationsTest {

  @RegisterExtension final FakePipeline fake = new FakePipeline();

  static Stream<Arguments> matrix() {
    List<Arguments> cases = new ArrayList<>();
    for (int n : new int[] {1, 2, 5, 16}) {
      for (int k : new int[] {1, 2, 4, 16}) {
        for (int steps : new int[] {1, 4, 10, 30}) {
          for (String fraction : new String[] {"0.01", "0.1", "0.2", "0.5", "1"}) {
            if (k <= n) {
              cases.add(Arguments.of(n, k, steps, fraction));
            }
          }
        }
      }
    }
    return cases.stream();
  }

  @ParameterizedTest(name = "n={0} k={1} T={2} f={3}")
  @MethodSource("matrix")
  void areCountedExactly(int n, int k, int steps, String fraction) {
    int early =
        new BigDecimal(fraction)
            .multiply(BigDecimal.valueOf(steps))
            .setScale(0, RoundingMode.CEILING)
            .intValueExact();
    long expected = (long) n * early + (long) k * (steps - early);
    RecordingListener listener = new RecordingListener();

    GenerationResult result =
        fake.request(n, k)
            .steps(steps)
            .decideAt(DecisionPoint.fraction(Double.parseDouble(fraction)))
            .microBatchSize(3)
            .listener(listener)
            .generate();

    assertThat(result.evaluations())
        .isEqualTo(new EvaluationsValues(expected, (long) n * steps, 2));
    assertThat(fake.model().rows()).isEqualTo((int) expected);
    assertThat(fake.model().unconditionalRows()).isEqualTo((int) expected);
    assertThat(fake.model().calls(Stage.DECODE)).isEqualTo(k);
    var last = listener.progress().get(listener.progress().size() - 1);
    assertThat(last.evaluations()).isEqualTo(expected);
    assertThat(last.evaluationsPlanned()).isEqualTo(expected);
    assertThat(result.settings().decisionSteps()).containsExactly(early);
  }

  @ParameterizedTest(name = "{0} steps, f={1}")
  @CsvSource({
    // steps, fraction, evaluations of one image (T), of them before the decision (s)
    "1, 0.2, 1, 1",
    "2, 0.2, 3, 1",
    "4, 0.2, 5, 1",
    "5, 0.2, 6, 2",
    "10, 0.2, 11, 3",
    "10, 1, 11, 11",
    "20, 0.5, 21, 11"
  })
  void withPlmsAreCountedWithTheOneMoreThatItTakes(int steps, double fraction, int all, int early) {
    fake.with(SchedulerConfigs.in(SchedulerConfigs.of("PNDMScheduler")));
    RecordingListener listener = new RecordingListener();

    GenerationResult result =
        fake.request(5, 2)
            .steps(steps)
            .decideAt(DecisionPoint.fraction(fraction))
            .listener(listener)
            .generate();

    long expected = 5L * early + 2L * (all - early);
    assertThat(result.evaluations()).isEqualTo(new EvaluationsValues(expected, 5L * all, 2));
    assertThat(fake.model().rows()).isEqualTo((int) expected);
    assertThat(result.settings().steps()).isEqualTo(steps);
    assertThat(result.settings().scheduleSteps()).isEqualTo(all);
    assertThat(result.settings().decisionSteps()).containsExactly(early);
    var last = listener.progress().get(listener.progress().size() - 1);
    assertThat(last.step()).isEqualTo(all);
    assertThat(last.steps()).isEqualTo(all);
    assertThat(last.phaseEvaluations()).isEqualTo(last.phasePlanned());
    assertThat(last.evaluations()).isEqualTo(expected);
    assertThat(last.evaluationsPlanned()).isEqualTo(expected);
  }

  @Test
  void withPlmsADecisionMayFallAfterTheOneMore() {
    fake.with(SchedulerConfigs.in(SchedulerConfigs.of("PNDMScheduler")));

    GenerationResult result =
        fake.request(2, 1).steps(4).decideAt(DecisionPoint.step(5)).generate();

    assertThat(result.evaluations().spent()).isEqualTo(10);
    assertThatExceptionOfType(InvalidRequestException.class)
        .isThrownBy(() -> fake.request(2, 1).steps(4).decideAt(DecisionPoint.step(6)).generate())
        .withMessageContaining("only 5");
  }

  @Test
  void aChunkIsOneCallOfAtMostTheMicroBatchSize() {
    fake.request(7, 2).steps(5).decideAt(DecisionPoint.step(2)).microBatchSize(3).generate();

    assertThat(fake.model().largestBatch()).isEqualTo(3);
    // Step 1 in chunks of 3, 3, 1; the last early step captures; then 3 steps of the two kept.
    assertThat(fake.model().calls(Stage.PREDICT)).isEqualTo(3 + 3);
    assertThat(fake.model().calls(Stage.CAPTURE)).isEqualTo(3);
  }

  @Test
  void theReproducibleModeEvaluatesOneCandidateAtATime() {
    fake.request(4, 2).microBatchSize(4).reproducible(true).generate();

    assertThat(fake.model().largestBatch()).isEqualTo(1);
  }

  @Test
  void thePromptIsEncodedOnce() {
    fake.request(9, 3).generate();

    assertThat(fake.model().calls(Stage.ENCODE)).isEqualTo(1);
  }

  @Test
  void keepingEveryCandidateScoresNothing() {
    GenerationResult result =
        fake.request(3, 3)
            .probe(
                observation -> {
                  throw new AssertionError("nothing is to be scored");
                })
            .policy(
                round -> {
                  throw new AssertionError("nothing is to be selected");
                })
            .generate();

    assertThat(fake.model().calls(Stage.CAPTURE)).isZero();
    assertThat(result.candidates())
        .allSatisfy(
            candidate -> {
              assertThat(candidate.score()).isEmpty();
              assertThat(candidate.outcome()).isEqualTo(Outcome.KEPT);
            });
    assertThat(result.candidates()).extracting(Candidate::rank).containsExactly(1, 2, 3);
    assertThat(result.images()).extracting(KeptImage::seed).containsExactly(0L, 1L, 2L);
  }

  @Test
  void aPolicyThatKeepsFewerSpendsLess() {
    RecordingListener listener = new RecordingListener();

    GenerationResult result =
        fake.request(5, 4)
            .steps(10)
            .decideAt(DecisionPoint.step(3))
            .probe(ScriptedProbe.scores(1, 2, 3, 4, 5))
            .policy(round -> List.of(round.candidates().get(4)))
            .listener(listener)
            .generate();

    assertThat(result.evaluations().spent()).isEqualTo(5 * 3 + 7);
    assertThat(result.images()).hasSize(1);
    assertThat(listener.progress().get(listener.progress().size() - 1).evaluationsPlanned())
        .isEqualTo(5 * 3 + 7);
  }

  @Test
  void theShareIsWhatWasSpentOfTheFullCost() {
    assertThat(new EvaluationsValues(36, 100, 2).share()).isEqualTo(0.36);
  }
}
