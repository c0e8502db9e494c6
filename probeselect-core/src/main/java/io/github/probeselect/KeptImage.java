package io.github.probeselect;

import io.github.probeselect.image.RgbImage;
import io.github.probeselect.internal.io.PngFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalDouble;

/**
 * A finished image.
 *
 * @param origin the seed it came from, or what else says where it started
 * @param image the picture
 * @param settings the settings that, with the noise of the origin, make it again: with the wording
 *     and guidance scale that were its own
 * @param score what was last said of its candidate early, higher is better; empty if nobody was
 *     asked, NaN if it could not be judged
 * @param finalScore what the metric that finished images are scored by said of it; empty if the
 *     request has none
 */
public record KeptImage(
    Origin origin,
    RgbImage image,
    Settings settings,
    OptionalDouble score,
    OptionalDouble finalScore) {

  /** The key of the PNG text chunk that image tools read. */
  public static final String PARAMETERS_KEY = "parameters";

  /** The key of the PNG text chunk of an image that is void. */
  private static final String WARNING_KEY = "Warning";

  /** An image that nobody has judged. */
  public KeptImage(Origin origin, RgbImage image, Settings settings) {
    this(origin, image, settings, OptionalDouble.empty(), OptionalDouble.empty());
  }

  KeptImage withFinalScore(double said) {
    return new KeptImage(origin, image, settings, score, OptionalDouble.of(said));
  }

  /**
   * Whether the image is no picture, because its latents or what was decoded from them are not
   * finite numbers.
   */
  public boolean isVoid() {
    return image.isVoid();
  }

  /** The seed it came from, as it was given. */
  public long seed() {
    return origin.seed();
  }

  /**
   * What makes the image again, in the form that image tools read from a PNG: the prompt, the
   * negative prompt if any, and a line of named settings. Values that contain a comma, colon, quote
   * or line break are JSON strings there, as those tools expect. The early score and the final one
   * are among the settings as {@code Score} and {@code Final score}, where they are numbers.
   *
   * <p>Those tools take every line that begins with {@code Negative prompt:} for the begin of the
   * negative prompt. Where a prompt has such a line of its own, a space stands in place of the line
   * break before it, and a prompt that begins with it is written as a JSON string.
   */
  public String parameters() {
    return ParametersText.of(this);
  }

  /**
   * Writes the image as a PNG with {@link #parameters()} in its text chunk, and if it is void
   * another that tells so. The file appears whole or not at all.
   *
   * @throws IOException if the file cannot be written
   */
  public void writePng(Path file) throws IOException {
    Map<String, String> texts = new LinkedHashMap<>();
    texts.put(PARAMETERS_KEY, parameters());
    if (isVoid()) {
      texts.put(WARNING_KEY, "this image is void: it is not made of finite numbers");
    }
    PngFile.write(file, image, texts);
  }
}
