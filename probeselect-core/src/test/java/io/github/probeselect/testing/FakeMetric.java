package io.github.probeselect.testing;

import io.github.probeselect.image.RgbImage;
import io.github.probeselect.model.Conditioning.Reading;
import io.github.probeselect.model.QualityMetric;
import java.util.Optional;

/**
 * Scores an image by its mean brightness, whatever the prompt, of which it reads only so much.
 *
 * @param limit how many tokens of a prompt it reads: its words, a begin and an end
 */
record FakeMetric(String name, String version, int limit) implements QualityMetric {

  /** The tokens of a text: its words, a begin and an end. */
  static int tokens(String text) {
    return 2 + (text.isBlank() ? 0 : text.strip().split("\\s+").length);
  }

  @Override
  public double score(RgbImage image, String prompt) {
    double sum = 0;
    float[] planes = image.toPlanes();
    for (float value : planes) {
      sum += value;
    }
    return sum / planes.length;
  }

  @Override
  public Optional<Reading> truncation(String prompt) {
    return Optional.of(new Reading(name, tokens(prompt), true, limit)).filter(Reading::isCut);
  }
}
