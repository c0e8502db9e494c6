package io.github.probeselect.model;

import io.github.probeselect.image.RgbImage;
import io.github.probeselect.internal.Arguments;
import java.util.List;

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
}
