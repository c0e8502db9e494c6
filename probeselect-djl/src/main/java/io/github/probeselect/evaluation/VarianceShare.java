package io.github.probeselect.evaluation;

import io.github.probeselect.error.InvalidRequestException;
import java.util.Arrays;

/**
 * The share of a metric's variance that lies between the images of one prompt, which selection can
 * use, as opposed to between prompts, which it cannot. A pure function, safe for use by several
 * threads.
 */
public final class VarianceShare {

  private VarianceShare() {}

  /**
   * Returns the share of the total variance that lies within prompts: {@code sum((y - mean of its
   * prompt)^2) / sum((y - mean of all)^2)} over all images.
   *
   * @param metricByPrompt for each prompt the finite metric values of its images
   * @return 0 to 1; NaN if all values are equal
   * @throws InvalidRequestException if a prompt has no images or a value is not finite
   */
  public static double within(double[][] metricByPrompt) {
    for (int prompt = 0; prompt < metricByPrompt.length; prompt++) {
      double[] values = metricByPrompt[prompt];
      if (values.length == 0 || !Arrays.stream(values).allMatch(Double::isFinite)) {
        throw new InvalidRequestException(
            "prompt " + prompt + " needs finite metric values, got " + Arrays.toString(values));
      }
    }
    double[] all = Arrays.stream(metricByPrompt).flatMapToDouble(Arrays::stream).toArray();
    if (Arrays.stream(all).allMatch(value -> value == all[0])) {
      return Double.NaN;
    }
    double within = Arrays.stream(metricByPrompt).mapToDouble(VarianceShare::deviation).sum();
    return Math.min(1, within / deviation(all));
  }

  private static double deviation(double[] values) {
    double mean = Arrays.stream(values).average().orElseThrow();
    return Arrays.stream(values).map(value -> (value - mean) * (value - mean)).sum();
  }
}
