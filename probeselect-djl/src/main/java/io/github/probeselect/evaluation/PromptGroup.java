package io.github.probeselect.evaluation;

import io.github.probeselect.error.InvalidRequestException;

/**
 * The candidates of one prompt: the signal of each at the decision point, and the metric of its
 * finished image. Immutable and safe for use by several threads.
 */
public final class PromptGroup {

  private final String prompt;
  private final double[] signal;
  private final double[] metric;

  /**
   * Creates a group of at least one candidate. The arrays are copied.
   *
   * @param prompt the text, for messages
   * @param signal the values that the candidates are ranked by, higher is better; NaN ranks last
   * @param metric the quality of each finished image in the unit of the metric, finite
   * @throws InvalidRequestException if there are no candidates, the lengths differ or a metric is
   *     not finite
   */
  public PromptGroup(String prompt, double[] signal, double[] metric) {
    if (signal.length == 0 || signal.length != metric.length) {
      throw new InvalidRequestException(
          "prompt '"
              + prompt
              + "' needs a signal and a metric for each of its candidates, got "
              + signal.length
              + " and "
              + metric.length);
    }
    for (double value : metric) {
      if (!Double.isFinite(value)) {
        throw new InvalidRequestException(
            "prompt '"
                + prompt
                + "' has a candidate whose metric is "
                + value
                + "; leave out candidates without a finite metric");
      }
    }
    this.prompt = prompt;
    this.signal = signal.clone();
    this.metric = metric.clone();
  }

  /**
   * The text that the images were made from.
   *
   * @return the text, for messages
   */
  public String prompt() {
    return prompt;
  }

  /**
   * The values that the candidates are ranked by.
   *
   * @return a copy, one value per candidate; NaN ranks last
   */
  public double[] signal() {
    return signal.clone();
  }

  /**
   * The quality of each finished image.
   *
   * @return a copy, one finite value per candidate in the unit of the metric
   */
  public double[] metric() {
    return metric.clone();
  }

  /** Whether all images are equally good, so that there is nothing to rank. */
  boolean hasEqualMetrics() {
    for (double value : metric) {
      if (value != metric[0]) {
        return false;
      }
    }
    return true;
  }
}
