package io.github.probeselect.evaluation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.github.probeselect.GenerationRequest;
import io.github.probeselect.error.InvalidRequestException;
import io.github.probeselect.model.Observation;
import io.github.probeselect.model.Score;
import io.github.probeselect.model.Signal;
import io.github.probeselect.testing.FakePipeline;
import io.github.probeselect.testing.Stage;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What signals and requests cost on this machine. */
class SignalCostTest {

  private static final String PROMPT = "a red circle";

  @RegisterExtension final FakePipeline fake = new FakePipeline();

  /** A signal that takes a while for each candidate, and notes when it is asked. */
  private record Slow(String name, int millis, List<String> asked) implements Signal {
    @Override
    public List<Score> scores(Observation observation) {
      asked.add(name + " at " + observation.fractionDone());
      try {
        Thread.sleep((long) millis * observation.size());
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
      return observation.seeds().stream().map(seed -> new Score(seed, Double.NaN)).toList();
    }
  }

  @Test
  void aSlowSignalCostsMoreThanOneThatIsFree() {
    List<String> asked = new ArrayList<>();
    Signal slow = new Slow("slow", 20, asked);

    SignalCost cost =
        SignalCost.measure(
            fake.pipeline(), PROMPT, List.of(slow, Signal.guidanceGap()), List.of(0.2, 0.5), 2);

    for (double fraction : new double[] {0.2, 0.5}) {
      double free = cost.started(Signal.GUIDANCE_GAP, fraction);
      assertThat(free).isPositive();
      assertThat(cost.started("slow", fraction)).isGreaterThan(free);
    }
    assertThat(asked)
        .as("once to warm up, then twice, in turn")
        .containsExactly(
            "slow at 0.2",
            "slow at 0.5",
            "slow at 0.2",
            "slow at 0.5",
            "slow at 0.2",
            "slow at 0.5");
  }

  @Test
  void whatWasNotMeasuredIsNotKnown() {
    SignalCost cost =
        SignalCost.measure(fake.pipeline(), PROMPT, List.of(Signal.guidanceGap()), List.of(0.2), 1);

    assertThat(cost.started(Signal.GUIDANCE_GAP, 0.3)).isNaN();
    assertThat(cost.started("another", 0.2)).isNaN();
  }

  @Test
  void requestsThatAreComparedTakeTurns() {
    GenerationRequest selected = fake.request(8, 2);
    GenerationRequest finished = fake.request(8, 8);

    PairedTimes times = PairedTimes.measure(List.of(selected, finished), 3);

    assertThat(times.ratios(0, 1)).hasSize(3);
    for (int round = 0; round < 3; round++) {
      assertThat(times.ratios(0, 1)[round])
          .isEqualTo(times.seconds(0)[round] / times.seconds(1)[round])
          .isPositive();
    }
    assertThat(times.evaluations(0).share()).isEqualTo((8 * 2 + 2 * 8) / 80.0);
    assertThat(times.evaluations(1).share()).isEqualTo(1);
    assertThat(fake.model().calls(Stage.ENCODE)).as("one to warm up").isEqualTo(2 * (1 + 3));
  }

  @Test
  void withoutARoundOrARequestThereIsNothingToMeasure() {
    assertThatExceptionOfType(InvalidRequestException.class)
        .isThrownBy(() -> PairedTimes.measure(List.of(), 1))
        .withMessageContaining("at least one");
    assertThatExceptionOfType(InvalidRequestException.class)
        .isThrownBy(() -> PairedTimes.measure(List.of(fake.request(2, 1)), 0))
        .withMessageContaining("at least one");
    assertThatExceptionOfType(InvalidRequestException.class)
        .isThrownBy(
            () ->
                SignalCost.measure(
                    fake.pipeline(), PROMPT, List.of(Signal.guidanceGap()), List.of(0.2), 0))
        .withMessageContaining("0 rounds");
  }

  @Test
  void theMedianOfAnEvenNumberIsTheUpperOfTheMiddle() {
    assertThat(PairedTimes.median(new double[] {3, 1, 2})).isEqualTo(2);
    assertThat(PairedTimes.median(new double[] {4, 1, 3, 2})).isEqualTo(3);
  }
}
