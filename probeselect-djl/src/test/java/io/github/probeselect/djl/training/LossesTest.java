package io.github.probeselect.djl.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.github.probeselect.djl.DeviceWorker;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

class LossesTest {

  @Test
  void rankingComparesACandidateWithThoseOfItsPromptThatAreWorseByTheMargin() {
    float[] scores = {0.3f, -0.2f, 0.1f, 2f, 1f, 0f};
    float[] rewards = {1f, 0.5f, 0.9f, 0f, 1f, 2f};
    double temperature = 0.5;
    double margin = 0.2;

    double loss =
        value(
            manager ->
                Losses.ranking(
                    manager.create(scores), rewards, 2, 3, temperature, margin, manager));

    assertThat(loss).isCloseTo(byHand(scores, rewards, 3, temperature, margin), within(1e-5));
  }

  @Test
  void withoutAMarginEqualRewardsAreNotRanked() {
    float[] rewards = {1f, 1f};

    double loss =
        value(
            manager ->
                Losses.ranking(manager.create(new float[] {5, -5}), rewards, 1, 2, 1, 0, manager));

    assertThat(loss).as("each candidate stands alone in its list").isZero();
  }

  @Test
  void howGoodAPromptIsCostsTheLikelihoodNothing() {
    float[] rewards = {10, 12, -3, -5};

    double shifted = likelihood(new float[] {-1, 1, 8, 6}, 0, rewards);
    double wrong = likelihood(new float[] {1, -1, 8, 6}, 0, rewards);

    assertThat(shifted).isCloseTo(0, within(1e-6));
    assertThat(wrong).as("half the mean of 4, 4, 0, 0").isCloseTo(1, within(1e-6));
  }

  @Test
  void theLikelihoodIsBestWhereTheVarianceIsThatOfTheErrors() {
    float[] scores = {1, -1, 8, 6};
    float[] rewards = {10, 12, -3, -5};
    double right = likelihood(scores, (float) Math.log(2), rewards);

    assertThat(right).isLessThan(likelihood(scores, (float) Math.log(1.5), rewards));
    assertThat(right).isLessThan(likelihood(scores, (float) Math.log(2.5), rewards));
  }

  private static double likelihood(float[] scores, float logVariance, float[] rewards) {
    return value(
        manager ->
            Losses.likelihood(
                manager.create(scores),
                manager.full(new Shape(4), logVariance),
                rewards,
                2,
                2,
                manager));
  }

  @Test
  void correlationLooksAtEachPromptAlone() {
    float[] rewards = {1, 2, 3, 30, 20, 10};

    assertThat(correlation(new float[] {2, 4, 6, 3, 2, 1}, rewards)).isCloseTo(0, within(1e-5));
    assertThat(correlation(new float[] {3, 2, 1, 1, 2, 3}, rewards)).isCloseTo(2, within(1e-5));
    assertThat(correlation(new float[] {2, 4, 6, 1, 2, 3}, rewards)).isCloseTo(1, within(1e-5));
  }

  private static double correlation(float[] scores, float[] rewards) {
    return value(manager -> Losses.correlation(manager.create(scores), rewards, 2, 3, manager));
  }

  @Test
  void contrastiveAlignmentIsLowWhereCandidatesLieWithTheirOwnPrompt() {
    float[] prompts = {1, 0, 0, 1};
    float[] own = {1, 0, 1, 0, 0, 1, 0, 1};
    float[] swapped = {0, 1, 0, 1, 1, 0, 1, 0};

    assertThat(contrastive(own, prompts)).isLessThan(0.01);
    assertThat(contrastive(swapped, prompts)).isGreaterThan(5);
  }

  private static double contrastive(float[] cells, float[] prompts) {
    return value(
        manager ->
            Losses.contrastive(
                manager.create(cells, new Shape(4, 2)),
                manager.create(prompts, new Shape(2, 2)),
                2,
                2,
                manager));
  }

  /** The formula of the ranking loss, written out. */
  private static double byHand(
      float[] scores, float[] rewards, int seeds, double temperature, double margin) {
    double sum = 0;
    for (int i = 0; i < scores.length; i++) {
      double denominator = Math.exp(scores[i] / temperature);
      for (int j = i / seeds * seeds; j < (i / seeds + 1) * seeds; j++) {
        if (rewards[j] < rewards[i] && rewards[j] <= rewards[i] - margin) {
          denominator += Math.exp(scores[j] / temperature);
        }
      }
      sum -= Math.log(Math.exp(scores[i] / temperature) / denominator);
    }
    return sum / scores.length;
  }

  private static double value(Function<NDManager, NDArray> loss) {
    return DeviceWorker.cpu()
        .call(
            () -> {
              try (NDManager manager = DeviceWorker.cpu().newManager()) {
                return (double) loss.apply(manager).getFloat();
              }
            });
  }
}
