package io.github.probeselect.evaluation;

import io.github.probeselect.error.InvalidRequestException;

/**
 * The candidates of one prompt: what was known of each at the decision point, and how good the
 * finished image was. Immutable by convention: the arrays are not copied, and nobody writes to them.
 *
 * @param prompt the text, for messages
 * @param signal what the candidates are ranked by, higher is better; NaN ranks last
 * @param metric the quality of each finished image in the unit of the metric, finite
 */
public record PromptGroup(String prompt, double[] signal, double[] metric) {

  /** Refuses a group without candidates, arrays of different lengths and a metric not finite. */
  public PromptGroup {
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
  }
}
