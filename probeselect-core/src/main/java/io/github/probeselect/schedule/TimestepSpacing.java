package io.github.probeselect.schedule;

import io.github.probeselect.error.InvalidRequestException;
import java.util.Arrays;

/**
 * Which of the training steps are visited when there are fewer sampling steps: table 2 of Lin et
 * al., "Common Diffusion Noise Schedules and Sample Steps are Flawed" (2023). Halves are rounded to
 * even.
 */
enum TimestepSpacing {
  /** Multiples of the whole-number ratio, counted from the image: begins short of pure noise. */
  LEADING("leading") {
    @Override
    double[] places(int trainSteps, int steps, int offset) {
      int ratio = trainSteps / steps;
      double[] places = new double[steps];
      for (int i = 0; i < steps; i++) {
        places[i] = (steps - 1 - i) * ratio + offset;
      }
      return places;
    }
  },
  /**
   * Even distances, counted from pure noise: begins at the last training step. For some numbers of
   * steps, such as 61 of 1000, diffusers rounds its way into one step too many, at timestep -1;
   * here there are always as many as requested.
   */
  TRAILING("trailing") {
    @Override
    double[] places(int trainSteps, int steps, int offset) {
      // The distance as numpy.arange has it: the difference of its first two values.
      double distance = trainSteps - (trainSteps - trainSteps / (double) steps);
      double[] places = new double[steps];
      for (int i = 0; i < steps; i++) {
        places[i] = Math.rint(trainSteps - i * distance) - 1;
      }
      return places;
    }
  },
  /** Even distances with the first and the last training step among them. */
  LINSPACE("linspace") {
    @Override
    double[] places(int trainSteps, int steps, int offset) {
      double[] rising = EvenSpacing.between(0, trainSteps - 1, steps);
      double[] places = new double[steps];
      for (int i = 0; i < steps; i++) {
        places[i] = rising[steps - 1 - i];
      }
      return places;
    }
  };

  private final String option;

  TimestepSpacing(String option) {
    this.option = option;
  }

  /** Reads the option that shifts the steps, which matters only where they are {@link #LEADING}. */
  final int offset(SchedulerOptions options, int trainSteps) {
    return this == LEADING ? options.wholeNumber("steps_offset", 0, 0, trainSteps) : 0;
  }

  /**
   * Where the steps are, from noise to image, before rounding: only {@link #LINSPACE} leaves
   * anything to round, and only {@link #LEADING} adds the offset.
   */
  abstract double[] places(int trainSteps, int steps, int offset);

  /**
   * The training steps to visit, from noise to image, each in [0, trainSteps).
   *
   * @throws InvalidRequestException if there are not that many, or the offset leads out of them
   */
  final int[] timesteps(int trainSteps, int steps, int offset) {
    return Arrays.stream(exactTimesteps(trainSteps, steps, offset))
        .mapToInt(place -> (int) Math.rint(place))
        .toArray();
  }

  /**
   * The same without rounding.
   *
   * @throws InvalidRequestException if there are not that many, or the offset leads out of them
   */
  final double[] exactTimesteps(int trainSteps, int steps, int offset) {
    requireSteps(steps, trainSteps);
    return within(places(trainSteps, steps, offset), trainSteps, offset);
  }

  /**
   * The same for solvers whose last step ends where others would begin one more: {@link #LEADING}
   * and {@link #LINSPACE} divide the way into one step more and leave out the last.
   *
   * @throws InvalidRequestException if there are not that many, or the offset leads out of them
   */
  final double[] timestepsAboveFirst(int trainSteps, int steps, int offset) {
    if (this == TRAILING) {
      return Arrays.stream(timesteps(trainSteps, steps, offset)).asDoubleStream().toArray();
    }
    requireSteps(steps, trainSteps - 1);
    double[] places = places(trainSteps, steps + 1, offset);
    return Arrays.stream(within(Arrays.copyOf(places, steps), trainSteps, offset))
        .map(Math::rint)
        .toArray();
  }

  /**
   * Checks a number of steps.
   *
   * @throws InvalidRequestException if it is less than one or more than there are
   */
  static void requireSteps(int steps, int most) {
    if (steps < 1 || steps > most) {
      throw new InvalidRequestException(
          "the number of steps must be between 1 and "
              + most
              + ", which is as many as the model's training allows; got "
              + steps);
    }
  }

  private static double[] within(double[] places, int trainSteps, int offset) {
    if (places[0] >= trainSteps) {
      throw new InvalidRequestException(
          places.length
              + " steps with the model's steps_offset of "
              + offset
              + " begin at timestep "
              + (int) places[0]
              + ", beyond the "
              + trainSteps
              + " it was trained with; ask for fewer steps");
    }
    return places;
  }

  /** The name in {@code scheduler_config.json}. */
  @Override
  public String toString() {
    return option;
  }
}
