package io.github.probeselect.selection;

import io.github.probeselect.error.InvalidRequestException;

/**
 * The point of the trajectory at which the candidates are scored: a number of denoising steps done,
 * given directly or as a fraction of all steps. Steps are those of the schedule, each one denoiser
 * evaluation: with PLMS one more than requested.
 */
public sealed interface DecisionPoint {

  /**
   * Returns the number of steps done at the decision, of {@code steps} denoising steps.
   *
   * @throws InvalidRequestException if the decision would fall outside 1 to {@code steps}
   */
  int stepsDone(int steps);

  /**
   * The decision falls once {@code fraction} of the steps is done: after {@code ceil(fraction *
   * steps)} steps.
   *
   * @param fraction in (0, 1]
   * @throws InvalidRequestException if {@code fraction} is outside (0, 1]
   */
  static DecisionPoint fraction(double fraction) {
    return new Fraction(fraction);
  }

  /**
   * The decision falls after exactly {@code stepsDone} steps.
   *
   * @param stepsDone at least 1
   * @throws InvalidRequestException if {@code stepsDone} is less than 1
   */
  static DecisionPoint step(int stepsDone) {
    return new Step(stepsDone);
  }

  /**
   * A decision point as a fraction of all steps.
   *
   * @param fraction in (0, 1]
   */
  record Fraction(double fraction) implements DecisionPoint {

    /**
     * A tolerance for products such as 0.1 * 30 that exceed the whole number by a rounding error.
     */
    private static final double ROUNDING = 1e-9;

    /** Checks the range. */
    public Fraction {
      if (!(fraction > 0 && fraction <= 1)) {
        throw new InvalidRequestException(
            "the decision point must be a fraction above 0 and at most 1, got " + fraction);
      }
    }

    @Override
    public int stepsDone(int steps) {
      return Math.max(1, (int) Math.ceil(fraction * steps - ROUNDING));
    }
  }

  /**
   * A decision point in steps.
   *
   * @param stepsDone at least 1
   */
  record Step(int stepsDone) implements DecisionPoint {

    /** Checks the range. */
    public Step {
      if (stepsDone < 1) {
        throw new InvalidRequestException(
            "the decision point must lie after step 1 or a later one, got " + stepsDone);
      }
    }

    @Override
    public int stepsDone(int steps) {
      if (stepsDone > steps) {
        throw new InvalidRequestException(
            "the decision point lies after step " + stepsDone + ", but there are only " + steps);
      }
      return stepsDone;
    }
  }
}
