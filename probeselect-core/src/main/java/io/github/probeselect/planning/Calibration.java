package io.github.probeselect.planning;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.github.probeselect.error.InvalidCalibrationException;
import io.github.probeselect.error.InvalidRequestException;
import io.github.probeselect.internal.Arguments;
import io.github.probeselect.internal.io.Checksums;
import io.github.probeselect.internal.io.StrictJson;
import io.github.probeselect.internal.io.WholeFile;
import io.github.probeselect.internal.recorded.RecordedPoint;
import io.github.probeselect.internal.recorded.RecordedReadings;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * The calibration of a model: the signals' readings and the final metric of recorded trajectories,
 * from which generations within a budget are planned. Stored as {@code calibration.json} beside the
 * bundle. Immutable.
 *
 * @param bundle the name of the bundle
 * @param denoiserSha256 the checksum of its denoiser, with which the file goes
 * @param metric the metric that the finished images were scored by
 * @param versions which metric and which signals those were; empty if that is not known, as of
 *     files of format version 1: whatever has their names is then taken for them
 * @param trajectories the readings of the signals, and the quality of the finished images
 */
@SuppressWarnings("exports") // the recorded trajectories are for the library alone
public record Calibration(
    String bundle,
    String denoiserSha256,
    String metric,
    Optional<Versions> versions,
    RecordedReadings trajectories) {

  /** The file's name beside a bundle. */
  public static final String FILE = "calibration.json";

  /** Without versions. */
  private static final int UNVERSIONED = 1;

  private static final int VERSIONED = 2;

  /** A calibration without versions of metric and signals. */
  public Calibration(
      String bundle, String denoiserSha256, String metric, RecordedReadings trajectories) {
    this(bundle, denoiserSha256, metric, Optional.empty(), trajectories);
  }

  /**
   * Checks that every signal has a version.
   *
   * @throws InvalidRequestException if the versions are those of other signals
   */
  public Calibration {
    Set<String> signals = Set.copyOf(trajectories.signals());
    versions.ifPresent(
        known -> {
          if (!known.signals().keySet().equals(signals)) {
            throw new InvalidRequestException(
                String.format(
                    Locale.ROOT,
                    "the signals %s were recorded, but there are versions of %s",
                    signals,
                    known.signals().keySet()));
          }
        });
  }

  /**
   * The versions of the metric and the signals of a calibration.
   *
   * @param metric {@link io.github.probeselect.model.QualityMetric#version}
   * @param signals {@link io.github.probeselect.model.Signal#version} by name
   */
  public record Versions(String metric, Map<String, String> signals) {

    /** Copies the map. */
    public Versions {
      signals = Map.copyOf(signals);
    }
  }

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
      List<RecordedPoint> points,
      List<Prompt> prompts) {}

  @SuppressWarnings("ArrayRecordComponent") // compared by identity, never by value
  private record Prompt(@JsonProperty("said") float[][] scores, float[] finals) {}

  /** The content of a file of format version 2. */
  private record Versioned(SortedVersions versions, Content recorded) {}

  /** Versions in a fixed order, which the checksum needs. */
  private record SortedVersions(String metric, TreeMap<String, String> signals) {}

  private record Envelope<C>(int version, String sha256, C content) {}

  /** The fields of every format version. */
  @JsonIgnoreProperties(ignoreUnknown = true)
  private record Header(int version) {}

  /**
   * Reads a file.
   *
   * @throws InvalidCalibrationException if it is absent, damaged, too new, or inconsistent
   */
  public static Calibration read(Path file) {
    try (InputStream stream = Files.newInputStream(Arguments.require("file", file))) {
      return read(stream, file.toString());
    } catch (IOException e) {
      throw unreadable(file.toString(), e);
    }
  }

  /**
   * Reads a file.
   *
   * @param origin its location, for messages
   * @throws InvalidCalibrationException if it is damaged, too new, or inconsistent
   */
  public static Calibration read(InputStream stream, String origin) {
    try {
      byte[] json = stream.readAllBytes();
      int version = JSON.readValue(json, Header.class).version;
      return switch (version) {
        case UNVERSIONED ->
            calibration(
                verified(JSON.readValue(json, new TypeReference<Envelope<Content>>() {}), origin),
                Optional.empty());
        case VERSIONED -> {
          Versioned content =
              verified(JSON.readValue(json, new TypeReference<Envelope<Versioned>>() {}), origin);
          yield calibration(
              content.recorded,
              Optional.of(new Versions(content.versions.metric, content.versions.signals)));
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

  private static InvalidCalibrationException unreadable(String origin, IOException e) {
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

  private static Calibration calibration(Content content, Optional<Versions> versions) {
    return new Calibration(
        content.bundle,
        content.denoiserSha256,
        content.metric,
        versions,
        new RecordedReadings(
            content.steps,
            content.points,
            content.prompts.stream().map(Calibration::group).toList()));
  }

  /**
   * Writes the calibration; the file is written atomically.
   *
   * @throws IOException if that fails
   */
  public void write(Path file) throws IOException {
    Content recorded =
        new Content(
            bundle,
            denoiserSha256,
            metric,
            trajectories.steps(),
            trajectories.points(),
            trajectories.prompts().stream().map(Calibration::prompt).toList());
    Envelope<?> envelope =
        versions.isPresent()
            ? sealed(VERSIONED, new Versioned(sorted(versions.get()), recorded))
            : sealed(UNVERSIONED, recorded);
    WholeFile.write(file, JSON.writeValueAsBytes(envelope));
  }

  private static SortedVersions sorted(Versions versions) {
    return new SortedVersions(versions.metric, new TreeMap<>(versions.signals));
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

  private static Prompt prompt(RecordedReadings.Group group) {
    float[][] scores = new float[group.size()][];
    for (int i = 0; i < scores.length; i++) {
      scores[i] = floats(group.scores()[i]);
    }
    return new Prompt(scores, floats(group.finals()));
  }

  private static RecordedReadings.Group group(Prompt prompt) {
    double[][] scores = new double[prompt.scores.length][];
    for (int i = 0; i < scores.length; i++) {
      scores[i] = doubles(prompt.scores[i]);
    }
    return new RecordedReadings.Group(scores, doubles(prompt.finals));
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
