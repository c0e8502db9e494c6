package io.github.probeselect.djl.training;

import java.util.Arrays;

/**
 * The scale on which rewards are learned.
 *
 * @param mean the mean reward of finished images
 * @param deviation their standard deviation, 1 if it is zero
 */
record RewardScale(double mean, double deviation) {

  static RewardScale of(Dataset dataset) {
    double[] rewards =
        dataset.examples().stream()
            .flatMap(example -> example.candidates().stream())
            .mapToDouble(Example.Seed::reward)
            .toArray();
    double mean = Arrays.stream(rewards).average().orElse(0);
    double variance = Arrays.stream(rewards).map(r -> (r - mean) * (r - mean)).average().orElse(0);
    return new RewardScale(mean, variance > 0 ? Math.sqrt(variance) : 1);
  }

  float standardised(double reward) {
    return (float) ((reward - mean) / deviation);
  }
}
