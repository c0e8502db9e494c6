package io.github.probeselect.evaluation;

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
}
