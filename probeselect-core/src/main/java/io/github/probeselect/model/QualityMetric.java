package io.github.probeselect.model;

import com.fasterxml.jackson.annotation.JsonValue;
import io.github.probeselect.error.InvalidRequestException;
import io.github.probeselect.error.ProbeSelectException;
import io.github.probeselect.image.RgbImage;
import io.github.probeselect.internal.Arguments;
import io.github.probeselect.internal.io.JsonFields;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Scores a finished image against its prompt; higher is better.
 *
 * <p>Any Java function of an image and a prompt is a metric. Learned metrics of a bundle are
 * obtained from {@link DiffusionModel#metric}, exported metrics for any model from {@code
 * ProbeSelect.openMetric}. Implementations must be safe for use by several threads.
 *
 * <pre>{@code
 * QualityMetric redInTheMiddle =
 *     QualityMetric.of(
 *         "red-in-the-middle",
 *         (image, prompt) -> image.red(image.width() / 2, image.height() / 2) / 255.0);
 * }</pre>
 */
public interface QualityMetric {

  /** The name under which scores are reported, such as {@code scene-reward}. */
  String name();

  /**
   * Returns the quality of {@code image} as a picture of {@code prompt}. The scale is the metric's
   * own; only the order is shared by all metrics. {@code NaN} means that the metric has no score
   * for the image. The library passes no {@linkplain RgbImage#isVoid() void} image.
   */
  double score(RgbImage image, String prompt);

  /**
   * Returns the quality of each of {@code images} as a picture of {@code prompt}, in their order. A
   * learned metric scores images of one size in one call, which is faster than one by one; a score
   * may then differ from that of the same image alone by rounding.
   */
  default double[] scores(List<RgbImage> images, String prompt) {
    return images.stream().mapToDouble(image -> score(image, prompt)).toArray();
  }

  /**
   * Identifies the version of the metric, for a learned metric by the checksums of its files. A
   * calibration records it and is refused if it differs. Empty by default: all metrics of that name
   * and version are considered equal.
   */
  default String version() {
    return "";
  }

  /**
   * How much of a prompt the metric reads, if it reads only its beginning; empty by default, which
   * means all of it. A result that the metric scored has a warning then.
   */
  default Optional<Conditioning.Reading> truncation(String prompt) {
    return Optional.empty();
  }

  /** Returns a metric of the given name, without a version, that applies {@code function}. */
  static QualityMetric of(String name, Function function) {
    return of(name, "", function);
  }

  /**
   * Returns a metric of the given name that applies {@code function}.
   *
   * @param version its {@link #version}, to be changed with the function
   */
  static QualityMetric of(String name, String version, Function function) {
    Arguments.require("name", name);
    Arguments.require("version", version);
    Arguments.require("function", function);
    return new QualityMetric() {
      @Override
      public String name() {
        return name;
      }

      @Override
      public String version() {
        return version;
      }

      @Override
      public double score(RgbImage image, String prompt) {
        return function.score(image, prompt);
      }
    };
  }

  /** A function of an image and a prompt. */
  @FunctionalInterface
  interface Function {
    /** Returns the quality of {@code image} as a picture of {@code prompt}; higher is better. */
    double score(RgbImage image, String prompt);
  }

  /**
   * The scores of a metric for several images of one prompt, computed so that one which cannot be
   * scored does not end the others.
   *
   * @param values one score per image, finite, or {@code NaN} if the image is {@linkplain
   *     RgbImage#isVoid() void}, or the metric returned no finite number or failed
   * @param failures the exceptions that the metric threw, by index of the image
   */
  @SuppressWarnings("ArrayRecordComponent") // compared by identity, never by value
  record Scores(double[] values, Map<Integer, RuntimeException> failures) {

    private static final Logger LOG = LoggerFactory.getLogger(QualityMetric.class);

    /** Copies the map. */
    public Scores {
      failures = Collections.unmodifiableMap(new HashMap<>(failures));
    }

    /**
     * Scores images with a metric. Void images are not passed to it. If it fails on all images
     * together, they are scored one by one.
     *
     * @throws InvalidRequestException if it does not return one score for each image
     * @throws ProbeSelectException if the metric throws one, which is not specific to an image; any
     *     other exception is thrown if the metric fails on every image
     */
    public static Scores of(QualityMetric metric, List<RgbImage> images, String prompt) {
      List<Integer> places = new ArrayList<>();
      for (int i = 0; i < images.size(); i++) {
        if (!images.get(i).isVoid()) {
          places.add(i);
        }
      }
      double[] values = new double[images.size()];
      Arrays.fill(values, Double.NaN);
      Map<Integer, RuntimeException> failures = new HashMap<>();
      if (!places.isEmpty()) {
        List<RgbImage> shown = places.stream().map(images::get).toList();
        double[] returned = scores(metric, shown, prompt, failures);
        for (int i = 0; i < returned.length; i++) {
          values[places.get(i)] = Double.isFinite(returned[i]) ? returned[i] : Double.NaN;
        }
      }
      Map<Integer, RuntimeException> byPlace = new HashMap<>();
      failures.forEach((i, failure) -> byPlace.put(places.get(i), failure));
      return new Scores(values, byPlace);
    }

    /**
     * The fields of its JSON form by name, failures as their messages, in the form that {@code
     * docs/integrations.md} describes; Jackson writes the value so. Unmodifiable.
     */
    @JsonValue
    public Map<String, @Nullable Object> toMap() {
      List<@Nullable Double> finite = new ArrayList<>();
      for (double value : values) {
        finite.add(Double.isFinite(value) ? value : null);
      }
      Map<Integer, String> messages = new TreeMap<>();
      failures.forEach((image, failure) -> messages.put(image, failure.toString()));
      return new JsonFields().with("values", finite).with("failures", messages).toMap();
    }

    private static double[] scores(
        QualityMetric metric,
        List<RgbImage> images,
        String prompt,
        Map<Integer, RuntimeException> failures) {
      try {
        return checked(metric, metric.scores(images, prompt), images.size());
      } catch (ProbeSelectException e) {
        throw e;
      } catch (RuntimeException e) {
        if (images.size() == 1) {
          throw e;
        }
        return oneByOne(metric, images, prompt, failures);
      }
    }

    private static double[] oneByOne(
        QualityMetric metric,
        List<RgbImage> images,
        String prompt,
        Map<Integer, RuntimeException> failures) {
      double[] scores = new double[images.size()];
      for (int i = 0; i < scores.length; i++) {
        try {
          scores[i] = checked(metric, metric.scores(List.of(images.get(i)), prompt), 1)[0];
        } catch (ProbeSelectException e) {
          throw e;
        } catch (RuntimeException e) {
          scores[i] = Double.NaN;
          failures.put(i, e);
          if (failures.size() == scores.length) {
            throw e;
          }
          LOG.warn("the metric '{}' failed on an image of '{}'", metric.name(), prompt, e);
        }
      }
      return scores;
    }

    private static double[] checked(
        QualityMetric metric, double @Nullable [] returned, int images) {
      if (returned == null || returned.length != images) {
        throw new InvalidRequestException(
            String.format(
                Locale.ROOT,
                "the metric '%s' returned %s scores for %d images; it must return one for each",
                metric.name(),
                returned == null ? "no" : returned.length,
                images));
      }
      return returned;
    }
  }
}
