package io.github.probeselect.planning;

import io.github.probeselect.error.InvalidRequestException;

/** What a request may cost at the most, judging and decoding included. */
public sealed interface Budget {

  /**
   * The budget in denoiser evaluations.
   *
   * @param steps denoising steps of a full run
   * @param costs what everything else costs
   */
  double evaluations(int steps, Costs costs);

  /** So many denoiser evaluations of one candidate. */
  static Budget evaluations(double evaluations) {
    return new Evaluations(evaluations);
  }

  /** As much as so many candidates cost from noise to a finished and scored image. */
  static Budget fullRuns(double runs) {
    return new FullRuns(runs);
  }

  /** So much time, as it was measured on this machine. */
  static Budget seconds(double seconds) {
    return new Seconds(seconds);
  }

  /**
   * A budget in denoiser evaluations.
   *
   * @param count above 0
   */
  record Evaluations(double count) implements Budget {

    /** Checks the number. */
    public Evaluations {
      check(count, "evaluations");
    }

    @Override
    public double evaluations(int steps, Costs costs) {
      return count;
    }
  }

  /**
   * A budget in full runs.
   *
   * @param runs above 0; it need not be a whole number
   */
  record FullRuns(double runs) implements Budget {

    /** Checks the number. */
    public FullRuns {
      check(runs, "full runs");
    }

    @Override
    public double evaluations(int steps, Costs costs) {
      return runs * (steps + costs.finish());
    }
  }

  /**
   * A budget in seconds.
   *
   * @param seconds above 0
   */
  record Seconds(double seconds) implements Budget {

    /** Checks the number. */
    public Seconds {
      check(seconds, "seconds");
    }

    @Override
    public double evaluations(int steps, Costs costs) {
      if (!(costs.secondsPerEvaluation() > 0)) {
        throw new InvalidRequestException(
            "a budget in seconds needs measured costs; measure them, or give evaluations or full"
                + " runs");
      }
      return (seconds - costs.overheadSeconds()) / costs.secondsPerEvaluation();
    }
  }

  private static void check(double value, String unit) {
    if (!(value > 0 && value < Double.POSITIVE_INFINITY)) {
      throw new InvalidRequestException("a budget of " + value + " " + unit + " buys nothing");
    }
  }
}
