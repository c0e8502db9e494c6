package io.github.probeselect.evaluation;

/** What it takes to start a candidate and to judge it by a signal, as it was measured. */
@FunctionalInterface
public interface SignalCost {

  /** Nothing was measured. */
  SignalCost UNKNOWN = (signal, fractionDone) -> Double.NaN;

  /**
   * The time that one candidate takes up to a fraction of the trajectory, with its judgement, in
   * full runs: divided by the time from noise to a finished image without any selection.
   *
   * @param signal the signal's name
   * @return a positive number, or NaN if that was not measured
   */
  double started(String signal, double fractionDone);
}
