package io.github.probeselect;

import io.github.probeselect.image.RgbImage;
import java.util.OptionalDouble;

/** A finished image and what is known of it. */
record KeptImageValues(
    Origin origin,
    RgbImage image,
    Settings settings,
    OptionalDouble score,
    OptionalDouble finalScore)
    implements KeptImage {

  /** An image that has not been scored. */
  KeptImageValues(Origin origin, RgbImage image, Settings settings) {
    this(origin, image, settings, OptionalDouble.empty(), OptionalDouble.empty());
  }

  KeptImageValues withFinalScore(double score) {
    return new KeptImageValues(origin, image, settings, this.score, OptionalDouble.of(score));
  }
}
