package io.github.probeselect;

import com.fasterxml.jackson.annotation.JsonValue;
import io.github.probeselect.image.RgbImage;
import io.github.probeselect.internal.Arguments;
import io.github.probeselect.internal.io.JsonFields;
import io.github.probeselect.internal.io.WholeFile;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.Map;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;

/** A finished image. */
public sealed interface KeptImage permits KeptImageValues {

  /** The key of the PNG text chunk that image tools read. */
  String PARAMETERS_KEY = "parameters";

  /** The seed that it comes from, and all else that distinguishes its candidate. */
  Origin origin();

  /** The picture. */
  RgbImage image();

  /**
   * The settings that, with the noise of the origin, make it again: with the wording and guidance
   * scale that were its own.
   */
  Settings settings();

  /**
   * The last early score of its candidate, higher is better; empty if it was not scored, NaN if it
   * could not be scored.
   */
  OptionalDouble score();

  /** The score of the metric that finished images are scored by; empty if the request has none. */
  OptionalDouble finalScore();

  /**
   * Whether the image is meaningless because its latents, or the values decoded from them, are not
   * finite numbers.
   */
  default boolean isVoid() {
    return image().isVoid();
  }

  /** The seed it came from, as it was given. */
  default long seed() {
    return origin().seed();
  }

  /**
   * The generation parameters in the form that image tools read from a PNG: the prompt, the
   * negative prompt if any, and a line of named settings. Values that contain a comma, colon, quote
   * or line break are JSON strings there, as those tools expect. The early score and the final
   * score are included as {@code Score} and {@code Final score} if they are finite.
   *
   * <p>Those tools read every line that begins with {@code Negative prompt:} as the begin of the
   * negative prompt. If a prompt contains such a line, the line break before it is replaced by a
   * space; a prompt that begins with it is written as a JSON string.
   */
  default String parameters() {
    return ParametersText.of(this);
  }

  /**
   * The fields of its JSON form by name, the PNG among them as bytes, which are base64 in JSON.
   * {@code docs/integrations.md} describes the form; Jackson writes the value so. Unmodifiable.
   */
  @JsonValue
  default Map<String, @Nullable Object> toMap() {
    return new JsonFields()
        .all(origin().toMap())
        .number("score", score())
        .number("finalScore", finalScore())
        .with("void", isVoid())
        .with("settings", settings().toMap())
        .with("png", toPng())
        .toMap();
  }

  /**
   * The image as a PNG with {@link #parameters()} in its text chunk, and if the image is void a
   * warning in a second one.
   *
   * @return the content of a PNG file, a new array
   */
  default byte[] toPng() {
    return image().toPng(Map.of(PARAMETERS_KEY, parameters()));
  }

  /**
   * Writes the bytes of {@link #toPng()} to a stream, which is flushed and stays open.
   *
   * @throws IOException if the stream cannot be written
   */
  default void writePng(OutputStream stream) throws IOException {
    Arguments.require("stream", stream);
    stream.write(toPng());
    stream.flush();
  }

  /**
   * Writes the bytes of {@link #toPng()} to a file. Missing directories are created; the file
   * appears complete or not at all.
   *
   * @throws IOException if the file cannot be written
   */
  default void writePng(Path file) throws IOException {
    WholeFile.write(Arguments.require("file", file), toPng());
  }
}
