package io.github.probeselect.djl.training;

import io.github.probeselect.error.InvalidRequestException;
import java.util.HashSet;
import java.util.Set;

/** Refuses datasets that cannot be used together. */
final class Splits {

  private Splits() {}

  static void check(Dataset training, Dataset validation) {
    Set<String> prompts = new HashSet<>();
    training.examples().forEach(example -> prompts.add(example.prompt()));
    for (Example example : validation.examples()) {
      if (prompts.contains(example.prompt())) {
        throw new InvalidRequestException(
            "the prompt '" + example.prompt() + "' is in the training and the validation set");
      }
    }
    if (!training.shape().equals(validation.shape())
        || !training.metric().equals(validation.metric())
        || training.fraction() != validation.fraction()) {
      throw new InvalidRequestException(
          "training and validation set were collected with different taps, metrics or fractions");
    }
    checkFinite(training);
    checkFinite(validation);
  }

  private static void checkFinite(Dataset dataset) {
    for (Example example : dataset.examples()) {
      for (Example.Seed seed : example.candidates()) {
        if (!Double.isFinite(seed.reward())) {
          throw new InvalidRequestException(
              "the reward of seed "
                  + seed.seed()
                  + " for '"
                  + example.prompt()
                  + "' is not a finite number");
        }
      }
    }
  }
}
