package io.github.probeselect.planning;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.github.probeselect.bundle.Checksums;
import io.github.probeselect.error.InvalidCalibrationException;
import io.github.probeselect.error.InvalidRequestException;
import io.github.probeselect.file.WholeFile;
import io.github.probeselect.json.StrictJson;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/**
 * What was measured of a model's signals, as it is kept in {@code calibration.json} beside its
 * bundle: enough recorded trajectories to plan from. Immutable.
 *
 * @param bundle the name of the bundle
 * @param denoiserSha256 the checksum of its denoiser, with which the file goes
 * @param metric the metric that the finished images were scored by
 * @param trajectories what the signals said, and what became of it
 */
public record Calibration(
    String bundle, String denoiserSha256, String metric, Trajectories trajectories) {

  /** The file's name beside a bundle. */
  public static final String FILE = "calibration.json";

  private static final int VERSION = 1;

  private static final JsonMapper JSON =
      StrictJson.builder()
          .enable(
              DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES,
              DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES,
              DeserializationFeature.FAIL_ON_NULL_CREATOR_PROPERTIES)
          .build();

  /** Significant digits are what matters, and a float has enough of them. */
  private record Content(
      String bundle,
      String denoiserSha256,
      String metric,
      int steps,
      List<RecordedPoint> points,
      List<Prompt> prompts) {}

  @SuppressWarnings("ArrayRecordComponent") // compared by identity, never by value
  private record Prompt(float[][] said, float[] finals) {}

  private record Envelope(int version, String sha256, Content content) {}

  /**
   * Reads a file.
   *
   * @param origin where it lies, for messages
   * @throws InvalidCalibrationException if it is damaged, too new, or does not hold together
   */
  public static Calibration read(InputStream stream, String origin) {
    Envelope envelope;
    try {
      envelope = JSON.readValue(stream, Envelope.class);
    } catch (IOException e) {
      throw new InvalidCalibrationException(
          "calibration " + origin + " cannot be read: " + e.getMessage(), e);
    }
    if (envelope.version != VERSION) {
      throw new InvalidCalibrationException(
          String.format(
              Locale.ROOT,
              "calibration %s has version %d; this library reads version %d",
              origin,
              envelope.version,
              VERSION));
    }
    Content content = envelope.content;
    if (!sha256(content).equals(envelope.sha256)) {
      throw new InvalidCalibrationException(
          "calibration " + origin + " is damaged: its content does not match its checksum");
    }
    try {
      return new Calibration(
          content.bundle,
          content.denoiserSha256,
          content.metric,
          new Trajectories(
              content.steps,
              content.points,
              content.prompts.stream().map(Calibration::group).toList()));
    } catch (InvalidRequestException e) {
      throw new InvalidCalibrationException(
          "calibration " + origin + " does not hold together: " + e.getMessage(), e);
    }
  }

  /**
   * Writes it; the file appears whole or not at all.
   *
   * @throws IOException if that fails
   */
  public void write(Path file) throws IOException {
    Content content =
        new Content(
            bundle,
            denoiserSha256,
            metric,
            trajectories.steps(),
            trajectories.points(),
            trajectories.prompts().stream().map(Calibration::prompt).toList());
    WholeFile.write(file, JSON.writeValueAsBytes(new Envelope(VERSION, sha256(content), content)));
  }

  private static String sha256(Content content) {
    try {
      return Checksums.sha256(new ByteArrayInputStream(JSON.writeValueAsBytes(content)));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    } catch (IOException e) {
      throw new IllegalStateException("memory cannot be read", e);
    }
  }

  private static Prompt prompt(Trajectories.Group group) {
    float[][] said = new float[group.size()][];
    for (int i = 0; i < said.length; i++) {
      said[i] = floats(group.said()[i]);
    }
    return new Prompt(said, floats(group.finals()));
  }

  private static Trajectories.Group group(Prompt prompt) {
    double[][] said = new double[prompt.said.length][];
    for (int i = 0; i < said.length; i++) {
      said[i] = doubles(prompt.said[i]);
    }
    return new Trajectories.Group(said, doubles(prompt.finals));
  }

  private static float[] floats(double[] values) {
    float[] floats = new float[values.length];
    for (int i = 0; i < values.length; i++) {
      floats[i] = (float) values[i];
    }
    return floats;
  }

  private static double[] doubles(float[] values) {
    double[] doubles = new double[values.length];
    for (int i = 0; i < values.length; i++) {
      doubles[i] = values[i];
    }
    return doubles;
  }
}
