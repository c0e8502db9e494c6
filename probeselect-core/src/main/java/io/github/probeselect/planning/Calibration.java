package io.github.probeselect.planning;

import io.github.probeselect.annotation.Experimental;
import io.github.probeselect.error.InvalidCalibrationException;
import io.github.probeselect.error.InvalidRequestException;
import io.github.probeselect.internal.Arguments;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The calibration of a model: the signals' readings and the final metric of recorded candidates,
 * from which generations within a budget are planned. Stored as {@code calibration.json} beside the
 * bundle. Immutable.
 */
@Experimental
public final class Calibration {

  /** The file's name beside a bundle. */
  public static final String FILE = "calibration.json";

  private final String bundle;
  private final String denoiserSha256;
  private final String metric;
  private final Optional<Versions> versions;
  private final Readings readings;

  private Calibration(
      String bundle,
      String denoiserSha256,
      String metric,
      Optional<Versions> versions,
      Readings readings) {
    this.bundle = Arguments.require("bundle", bundle);
    this.denoiserSha256 = Arguments.require("denoiserSha256", denoiserSha256);
    this.metric = Arguments.require("metric", metric);
    this.versions = Arguments.require("versions", versions);
    this.readings = Arguments.require("readings", readings);
    Set<String> signals = Set.copyOf(readings.signals());
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
   * A calibration without versions: any metric and signals of the same names are considered those
   * that were recorded.
   *
   * @param bundle the name of the bundle
   * @param denoiserSha256 the checksum of its denoiser
   * @param metric the name of the metric of the finished images
   * @param readings the readings of the signals, and the quality of the finished images
   */
  public static Calibration of(
      String bundle, String denoiserSha256, String metric, Readings readings) {
    return new Calibration(bundle, denoiserSha256, metric, Optional.empty(), readings);
  }

  /**
   * This calibration with the versions of its metric and its signals.
   *
   * @throws InvalidRequestException if the versions are those of other signals
   */
  public Calibration versions(Versions versions) {
    return new Calibration(
        bundle,
        denoiserSha256,
        metric,
        Optional.of(Arguments.require("versions", versions)),
        readings);
  }

  /** The name of the bundle. */
  public String bundle() {
    return bundle;
  }

  /** The checksum of its denoiser; a calibration fits only that one. */
  public String denoiserSha256() {
    return denoiserSha256;
  }

  /** The name of the metric of the finished images. */
  public String metric() {
    return metric;
  }

  /**
   * The versions of the metric and the signals; empty if they are not known, as of files of format
   * version 1.
   */
  public Optional<Versions> versions() {
    return versions;
  }

  /** The readings of the signals, and the quality of the finished images. */
  public Readings readings() {
    return readings;
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
      Arguments.require("metric", metric);
      signals = Map.copyOf(Arguments.require("signals", signals));
    }
  }

  /**
   * The readings of many candidates, and the quality of each finished image. The arrays are not
   * copied and must not be changed afterwards.
   *
   * @param steps denoising steps of the schedule
   * @param points signals and steps of the readings, at least one
   * @param prompts the candidates of each prompt, at least one
   */
  public record Readings(int steps, List<Point> points, List<Prompt> prompts) {

    /**
     * Copies the lists and checks the values.
     *
     * @throws InvalidRequestException if the shapes do not fit, a point lies outside the schedule,
     *     or a final metric is not finite
     */
    public Readings {
      points = List.copyOf(Arguments.require("points", points));
      prompts = List.copyOf(Arguments.require("prompts", prompts));
      if (prompts.isEmpty() || points.isEmpty()) {
        throw new InvalidRequestException("there are no recorded prompts, or no readings");
      }
      for (Point point : points) {
        if (point.stepsDone < 1 || point.stepsDone > steps) {
          throw new InvalidRequestException(
              String.format(
                  Locale.ROOT,
                  "'%s' has readings after step %d of %d",
                  point.signal,
                  point.stepsDone,
                  steps));
        }
      }
      for (int i = 0; i < prompts.size(); i++) {
        prompts.get(i).check(i, points.size());
      }
    }

    /** The names of the signals, in the order of their first readings. */
    public List<String> signals() {
      return points.stream().map(Point::signal).distinct().toList();
    }
  }

  /**
   * A signal and a number of steps done: the key of a reading.
   *
   * @param signal the name of a signal
   * @param stepsDone denoising steps done
   */
  public record Point(String signal, int stepsDone) {}

  /**
   * The candidates of one prompt.
   *
   * @param scores for each candidate the score at each point, higher is better, NaN if it could not
   *     be scored
   * @param finals for each candidate the final metric, that of its finished image
   */
  @SuppressWarnings("ArrayRecordComponent") // compared by identity, never by value
  public record Prompt(double[][] scores, double[] finals) {

    /** The number of candidates. */
    public int size() {
      return finals.length;
    }

    private void check(int prompt, int points) {
      if (scores.length != finals.length || finals.length == 0) {
        throw new InvalidRequestException(
            String.format(
                Locale.ROOT,
                "prompt %d has %d candidates with readings and %d with a final metric",
                prompt,
                scores.length,
                finals.length));
      }
      for (int i = 0; i < finals.length; i++) {
        if (scores[i].length != points || !Double.isFinite(finals[i])) {
          throw new InvalidRequestException(
              String.format(
                  Locale.ROOT,
                  "candidate %d of prompt %d has %d readings of %d, and the final metric %s",
                  i,
                  prompt,
                  scores[i].length,
                  points,
                  finals[i]));
        }
      }
    }
  }

  /**
   * Reads a file.
   *
   * @throws InvalidCalibrationException if it is absent, damaged, too new, or inconsistent
   */
  public static Calibration read(Path file) {
    try (InputStream stream = Files.newInputStream(Arguments.require("file", file))) {
      return read(stream, file.toString());
    } catch (IOException e) {
      throw CalibrationFile.unreadable(file.toString(), e);
    }
  }

  /**
   * Reads a file.
   *
   * @param origin its location, for messages
   * @throws InvalidCalibrationException if it is damaged, too new, or inconsistent
   */
  public static Calibration read(InputStream stream, String origin) {
    return CalibrationFile.read(
        Arguments.require("stream", stream), Arguments.require("origin", origin));
  }

  /**
   * Writes the calibration; the file is written atomically.
   *
   * @throws IOException if that fails
   */
  public void write(Path file) throws IOException {
    CalibrationFile.write(this, Arguments.require("file", file));
  }
}
