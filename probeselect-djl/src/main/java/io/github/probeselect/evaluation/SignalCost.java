package io.github.probeselect.evaluation;

import io.github.probeselect.Pipeline;
import io.github.probeselect.error.InvalidRequestException;
import io.github.probeselect.model.Signal;
import java.util.List;

/** The measured cost of starting a candidate and scoring it with a signal. */
@FunctionalInterface
public interface SignalCost {

  /** Costs that were not measured. */
  SignalCost UNKNOWN = (signal, fractionDone) -> Double.NaN;

  /**
   * The time of one candidate up to a fraction of the trajectory, including its score, in full
   * runs: divided by the time from noise to a finished image without selection.
   *
   * @param signal the signal's name
   * @return a positive number, or NaN if that was not measured
   */
  double started(String signal, double fractionDone);

  /**
   * Measures the costs of signals on this machine, by generations of one prompt: the median of
   * several rounds, in each of which everything is timed in turn, so that other load affects all
   * alike.
   *
   * @param prompt the prompt of the generations; its length can change the time
   * @param signals the signals, with different names
   * @param fractions the fractions done, in (0, 1], at which they score
   * @param rounds how often everything is timed, at least 1, after once without timing
   * @throws InvalidRequestException if there is no round, or the model does not support a signal or
   *     a fraction
   */
  static SignalCost measure(
      Pipeline pipeline,
      String prompt,
      List<? extends Signal> signals,
      List<Double> fractions,
      int rounds) {
    return MeasuredCost.of(pipeline, prompt, signals, fractions, rounds);
  }
}
