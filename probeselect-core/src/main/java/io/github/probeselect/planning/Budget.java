package io.github.probeselect.planning;

import io.github.probeselect.error.InvalidRequestException;
import java.math.BigDecimal;
import java.math.RoundingMode;

/** The maximum cost of a generation, including scoring and decoding. */
public sealed interface Budget {

  /**
   * The budget in denoiser evaluations.
   *
   * @param steps denoising steps of a full run
   * @param costs the costs of everything except denoising
   */
  double evaluations(int steps, Costs costs);

  /** Whether the known costs suffice to convert it into evaluations. */
  default boolean isMeasured(Costs costs) {
    return true;
  }

  /**
   * The least budget in the same unit that pays for {@code images} images from noise to the end,
   * rounded up to hundredths.
   *
   * @param images how many, at least 1
   * @param steps denoising steps of a full run
   * @param costs the costs of everything except denoising
   */
  Budget least(int images, int steps, Costs costs);

  /** The number and its unit. */
  String inWords();

  /** A number of denoiser evaluations: steps of one candidate. */
  static Budget evaluations(double evaluations) {
    return new Evaluations(evaluations);
  }

  /** The cost of a number of full runs, each from noise to a finished and scored image. */
  static Budget fullRuns(double runs) {
    return new FullRuns(runs);
  }

  /** A time in seconds, converted with the costs measured on this machine. */
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

    @Override
    public Budget least(int images, int steps, Costs costs) {
      return new Evaluations(roundedUp(images * (steps + costs.finish())));
    }

    @Override
    public String inWords() {
      return plain(count) + " denoiser evaluations";
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

    @Override
    public Budget least(int images, int steps, Costs costs) {
      return new FullRuns(images);
    }

    @Override
    public String inWords() {
      return plain(runs) + " full runs";
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
    public boolean isMeasured(Costs costs) {
      return costs.secondsPerEvaluation() > 0;
    }

    @Override
    public double evaluations(int steps, Costs costs) {
      if (!isMeasured(costs)) {
        throw new InvalidRequestException(
            "a budget in seconds needs measured costs; measure them, or give evaluations or full"
                + " runs");
      }
      return (seconds - costs.overheadSeconds()) / costs.secondsPerEvaluation();
    }

    @Override
    public Budget least(int images, int steps, Costs costs) {
      double evaluations = images * (steps + costs.finish());
      return new Seconds(
          roundedUp(costs.overheadSeconds() + evaluations * costs.secondsPerEvaluation()));
    }

    @Override
    public String inWords() {
      return plain(seconds) + " seconds";
    }
  }

  private static double roundedUp(double value) {
    return BigDecimal.valueOf(value).setScale(2, RoundingMode.CEILING).doubleValue();
  }

  /** In figures, without an exponent. */
  private static String plain(double value) {
    return BigDecimal.valueOf(value).stripTrailingZeros().toPlainString();
  }

  private static void check(double value, String unit) {
    if (!(value > 0 && value < Double.POSITIVE_INFINITY)) {
      throw new InvalidRequestException(
          "a budget of " + value + " " + unit + " is not a finite number above 0");
    }
  }
}
