package io.github.probeselect.djl.training;

import io.github.probeselect.error.InvalidDatasetException;
import java.util.HashSet;
import java.util.Locale;
import java.util.Set;

/** Refuses training and validation sets that cannot be used together. */
final class Splits {

  private Splits() {}

  static void check(TrainingData training, TrainingData validation) {
    Set<String> prompts = new HashSet<>();
    training.examples().forEach(example -> prompts.add(example.prompt()));
    for (Example example : validation.examples()) {
      if (prompts.contains(example.prompt())) {
        throw new InvalidDatasetException(
            "the prompt '"
                + example.prompt()
                + "' is in the training and the validation set; split by prompt");
      }
    }
    if (!training.shape().equals(validation.shape())
        || !training.fractions().equals(validation.fractions())) {
      throw new InvalidDatasetException(
          String.format(
              Locale.ROOT,
              "training and validation set were loaded with different shapes or fractions: %s at %s, %s at %s",
              training.shape(),
              training.fractions(),
              validation.shape(),
              validation.fractions()));
    }
  }
}
