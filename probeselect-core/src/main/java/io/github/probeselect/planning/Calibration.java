package io.github.probeselect.planning;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
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
import io.github.probeselect.internal.recorded.Trajectories;
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
 * What was measured of a model's signals, as it is kept in {@code calibration.json} beside its
 * bundle: enough recorded trajectories to plan from. Immutable.
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
    Trajectories trajectories) {

  /** The file's name beside a bundle. */
  public static final String FILE = "calibration.json";

  /** Without versions. */
  private static final int UNVERSIONED = 1;

  private static final int VERSIONED = 2;

  /** A calibration that does not know which versions of metric and signals it was made with. */
  public Calibration(
      String bundle, String denoiserSha256, String metric, Trajectories trajectories) {
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
   * Which metric and which signals a calibration was made with.
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

  /** What a file of format version 2 holds. */
  private record Versioned(SortedVersions versions, Content recorded) {}

  /** The same versions always in the same order, as the checksum needs it. */
  private record SortedVersions(String metric, TreeMap<String, String> signals) {}

  private record Envelope<C>(int version, String sha256, C content) {}

  /** What every version of the file has. */
  @JsonIgnoreProperties(ignoreUnknown = true)
  private record Header(int version) {}

  /**
   * Reads a file.
   *
   * @throws InvalidCalibrationException if it is absent, damaged, too new, or does not hold
   *     together
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
   * @param origin where it lies, for messages
   * @throws InvalidCalibrationException if it is damaged, too new, or does not hold together
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
          "calibration " + origin + " does not hold together: " + e.getMessage(), e);
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
        new Trajectories(
            content.steps,
            content.points,
            content.prompts.stream().map(Calibration::group).toList()));
  }

  /**
   * Writes it; the file appears whole or not at all.
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
