package io.github.probeselect;

import com.fasterxml.jackson.annotation.JsonValue;
import io.github.probeselect.internal.Arguments;
import io.github.probeselect.internal.io.JsonFields;
import io.github.probeselect.selection.SelectionPlan;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What a generation gave. Immutable. */
public sealed interface GenerationResult permits GenerationResultValues {

  /** The settings that, with a seed, make an image again. */
  Settings settings();

  /** The cuts and the number of images wanted: those of the request, or planned for its budget. */
  SelectionPlan plan();

  /** Every candidate, in the order of the request. */
  List<Candidate> candidates();

  /** The images of the kept candidates, best first. */
  List<KeptImage> images();

  /** What was spent. */
  Evaluations evaluations();

  /** Where the time went. */
  Timings timings();

  /**
   * What the caller should know: text that was cut, candidates that could not be scored, images
   * that are void.
   */
  List<String> warnings();

  /**
   * Writes the kept images as {@code seed-SEED.png}, those that differ by more than their seed as
   * {@code seed-SEED-candidate-NUMBER.png}, and this result as {@code result.json} into a
   * directory, which is created if it does not exist. Files are written under a temporary name and
   * renamed.
   *
   * @return the paths of the images, best first
   * @throws IOException if a file cannot be written
   */
  default List<Path> writeTo(Path directory) throws IOException {
    Arguments.require("directory", directory);
    return ResultFiles.write(this, directory);
  }

  /**
   * This result as JSON, images by name: the content of {@code result.json}. The form is described
   * in {@code docs/integrations.md}.
   */
  default String toJson() {
    return toJson(ImageForm.NAMES);
  }

  /** This result as JSON, with the images in a given form. */
  default String toJson(ImageForm images) {
    return ResultJson.text(this, Arguments.require("images", images));
  }

  /**
   * Writes {@link #toJson(ImageForm)} to a stream in UTF-8. The stream is flushed and stays open.
   *
   * @throws IOException if the stream cannot be written
   */
  default void writeJson(OutputStream stream, ImageForm images) throws IOException {
    Arguments.require("stream", stream);
    ResultJson.write(this, Arguments.require("images", images), stream);
  }

  /** The fields of {@link #toJson()} by name; Jackson writes the result so. Unmodifiable. */
  @JsonValue
  default Map<String, @Nullable Object> toMap() {
    return ResultJson.map(this, ImageForm.NAMES);
  }

  /** What the JSON of a result contains of its images. */
  enum ImageForm {
    /** The names of their files in {@link #writeTo}. */
    NAMES,
    /**
     * The names and, by name, PNG files in base64; previews of candidates too, if there are any.
     */
    BASE64
  }

  /** What was spent, counted in denoiser evaluations of one candidate per guidance branch. */
  sealed interface Evaluations permits EvaluationsValues {

    /**
     * Evaluations run: every candidate's steps, which with one cut are {@code n * s + k * (T - s)}
     * for n candidates, k kept, s of the schedule's T steps before the decision.
     */
    long spent();

    /** What finishing every candidate takes: {@code n * T}. */
    long withoutSelection();

    /**
     * How many times the network ran per evaluation: 2 if any candidate was under classifier-free
     * guidance, else 1.
     */
    int branches();

    /**
     * {@code spent / withoutSelection}: in (0, 1] for a generation; in a session 0 at first, and
     * above 1 if steps had to be repeated.
     */
    default double share() {
      return (double) spent() / withoutSelection();
    }

    /**
     * The fields of its JSON form by name, in the form that {@code docs/integrations.md} describes;
     * Jackson writes the value so. Unmodifiable.
     */
    @JsonValue
    default Map<String, @Nullable Object> toMap() {
      return new JsonFields()
          .with("spent", spent())
          .with("withoutSelection", withoutSelection())
          .with("branches", branches())
          .number("share", share())
          .toMap();
    }
  }

  /** Wall-clock time of each part of a generation. */
  sealed interface Timings permits TimingsValues {

    /** Encoding the prompt. */
    Duration encode();

    /** The steps up to the last decision point. */
    Duration early();

    /** Scoring and selecting at all decision points, previews included. */
    Duration decide();

    /** The steps after the last decision point, kept candidates. */
    Duration remaining();

    /** Turning latents into images, and scoring these if the request says so. */
    Duration decode();

    /** All of that together. */
    Duration total();

    /**
     * The parts by name, each with its {@code wallSeconds}, in the form that {@code
     * docs/integrations.md} describes; Jackson writes the value so. Unmodifiable.
     */
    @JsonValue
    default Map<String, @Nullable Object> toMap() {
      return new JsonFields()
          .with("encode", ResultJson.seconds(encode()))
          .with("early", ResultJson.seconds(early()))
          .with("decide", ResultJson.seconds(decide()))
          .with("remaining", ResultJson.seconds(remaining()))
          .with("decode", ResultJson.seconds(decode()))
          .with("total", ResultJson.seconds(total()))
          .toMap();
    }
  }
}
