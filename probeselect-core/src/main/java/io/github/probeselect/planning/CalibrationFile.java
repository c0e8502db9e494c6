package io.github.probeselect.planning;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.github.probeselect.error.InvalidCalibrationException;
import io.github.probeselect.error.InvalidRequestException;
import io.github.probeselect.internal.io.Checksums;
import io.github.probeselect.internal.io.StrictJson;
import io.github.probeselect.internal.io.WholeFile;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.TreeMap;

/** The JSON of a calibration, with a checksum of its content. */
final class CalibrationFile {

  /** Without versions. */
  private static final int UNVERSIONED = 1;

  private static final int VERSIONED = 2;

  private static final JsonMapper JSON =
      StrictJson.builder()
          .enable(
              DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES,
              DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES,
              DeserializationFeature.FAIL_ON_NULL_CREATOR_PROPERTIES)
          .build();

  /** The recorded values, as floats, whose precision suffices. */
  private record Content(
      String bundle,
      String denoiserSha256,
      String metric,
      int steps,
      List<Calibration.Point> points,
      List<StoredPrompt> prompts) {}

  @SuppressWarnings("ArrayRecordComponent") // compared by identity, never by value
  private record StoredPrompt(@JsonProperty("said") float[][] scores, float[] finals) {}

  /** The content of a file of format version 2. */
  private record Versioned(SortedVersions versions, Content recorded) {}

  /** Versions in a fixed order, which the checksum needs. */
  private record SortedVersions(String metric, TreeMap<String, String> signals) {}

  private record Envelope<C>(int version, String sha256, C content) {}

  /** The fields of every format version. */
  @JsonIgnoreProperties(ignoreUnknown = true)
  private record Header(int version) {}

  static Calibration read(InputStream stream, String origin) {
    try {
      byte[] json = stream.readAllBytes();
      int version = JSON.readValue(json, Header.class).version;
      return switch (version) {
        case UNVERSIONED ->
            calibration(
                verified(JSON.readValue(json, new TypeReference<Envelope<Content>>() {}), origin));
        case VERSIONED -> {
          Versioned content =
              verified(JSON.readValue(json, new TypeReference<Envelope<Versioned>>() {}), origin);
          yield calibration(content.recorded)
              .versions(
                  new Calibration.Versions(content.versions.metric, content.versions.signals));
        }
        default ->
            throw new InvalidCalibrationException(
                String.format(
                    Locale.ROOT,
                    "calibration %s has version %d; this library reads versions %d and %d; calibrate again, or use a newer library",
                    origin,
                    version,
                    UNVERSIONED,
                    VERSIONED));
      };
    } catch (IOException e) {
      throw unreadable(origin, e);
    } catch (InvalidRequestException e) {
      throw new InvalidCalibrationException(
          "calibration " + origin + " is inconsistent: " + e.getMessage(), e);
    }
  }

  static InvalidCalibrationException unreadable(String origin, IOException e) {
    return new InvalidCalibrationException(
        "calibration " + origin + " cannot be read: " + e + "; calibrate again", e);
  }

  private static <C> C verified(Envelope<C> envelope, String origin) {
    if (!sha256(envelope.content).equals(envelope.sha256)) {
      throw new InvalidCalibrationException(
          "calibration "
              + origin
              + " is damaged: its content does not match its checksum; copy it again, or calibrate"
              + " again");
    }
    return envelope.content;
  }

  private static Calibration calibration(Content content) {
    return Calibration.of(
        content.bundle,
        content.denoiserSha256,
        content.metric,
        new Calibration.Readings(
            content.steps,
            content.points,
            content.prompts.stream().map(CalibrationFile::read).toList()));
  }

  static void write(Calibration calibration, Path file) throws IOException {
    Calibration.Readings readings = calibration.readings();
    Content recorded =
        new Content(
            calibration.bundle(),
            calibration.denoiserSha256(),
            calibration.metric(),
            readings.steps(),
            readings.points(),
            readings.prompts().stream().map(CalibrationFile::stored).toList());
    Envelope<?> envelope =
        calibration
            .versions()
            .<Envelope<?>>map(
                versions -> sealed(VERSIONED, new Versioned(sorted(versions), recorded)))
            .orElseGet(() -> sealed(UNVERSIONED, recorded));
    WholeFile.write(file, JSON.writeValueAsBytes(envelope));
  }

  private static SortedVersions sorted(Calibration.Versions versions) {
    return new SortedVersions(versions.metric(), new TreeMap<>(versions.signals()));
  }

  private static <C> Envelope<C> sealed(int version, C content) {
    return new Envelope<>(version, sha256(content), content);
  }

  private static String sha256(Object content) {
    try {
      return Checksums.sha256(new ByteArrayInputStream(JSON.writeValueAsBytes(content)));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    } catch (IOException e) {
      throw new IllegalStateException("memory cannot be read", e);
    }
  }

  private static StoredPrompt stored(Calibration.Prompt prompt) {
    float[][] scores = new float[prompt.size()][];
    for (int i = 0; i < scores.length; i++) {
      scores[i] = floats(prompt.scores()[i]);
    }
    return new StoredPrompt(scores, floats(prompt.finals()));
  }

  private static Calibration.Prompt read(StoredPrompt prompt) {
    double[][] scores = new double[prompt.scores.length][];
    for (int i = 0; i < scores.length; i++) {
      scores[i] = doubles(prompt.scores[i]);
    }
    return new Calibration.Prompt(scores, doubles(prompt.finals));
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

  private CalibrationFile() {}
}
