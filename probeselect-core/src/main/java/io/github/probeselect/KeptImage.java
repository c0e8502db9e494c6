package io.github.probeselect;

import io.github.probeselect.image.PngFile;
import io.github.probeselect.image.RgbImage;
import io.github.probeselect.noise.StartingNoise;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;

/**
 * A finished image.
 *
 * @param origin the seed it came from, or what else says where it started
 * @param image the picture
 * @param settings the settings that, with the noise of the origin, make it again: with the wording
 *     and guidance scale that were its own
 */
public record KeptImage(Origin origin, RgbImage image, Settings settings) {

  /** The key of the PNG text chunk that image tools read. */
  public static final String PARAMETERS_KEY = "parameters";

  /** The seed it came from. */
  public long seed() {
    return origin.seed();
  }

  /**
   * What makes the image again, in the form that image tools read from a PNG: the prompt, the
   * negative prompt if any, and a line of named settings.
   */
  public String parameters() {
    StringBuilder text = new StringBuilder(settings.prompt()).append('\n');
    if (!settings.negativePrompt().isEmpty()) {
      text.append("Negative prompt: ").append(settings.negativePrompt()).append('\n');
    }
    text.append("Steps: ").append(settings.steps());
    text.append(", Sampler: ").append(settings.scheduler());
    text.append(", CFG scale: ").append(settings.guidanceScale());
    text.append(", Seed: ").append(seed());
    for (StartingNoise.Variation variation : origin.noise().variations()) {
      text.append(", Variation seed: ").append(variation.seed());
      text.append(", Variation seed strength: ").append(variation.strength());
    }
    text.append(", Size: ").append(settings.width()).append('x').append(settings.height());
    text.append(", Model hash: ").append(settings.modelHash());
    text.append(", Model: ").append(settings.bundle());
    return text.append(", Version: ProbeSelect").toString();
  }

  /**
   * Writes the image as a PNG with {@link #parameters()} in its text chunk. The file appears whole
   * or not at all.
   *
   * @throws IOException if the file cannot be written
   */
  public void writePng(Path file) throws IOException {
    PngFile.write(file, image, Map.of(PARAMETERS_KEY, parameters()));
  }
}
