package io.github.probeselect.schedule;

/**
 * Which of the training steps are visited when there are fewer sampling steps: table 2 of Lin et
 * al., "Common Diffusion Noise Schedules and Sample Steps are Flawed" (2023). Halves are rounded to
 * even.
 */
enum TimestepSpacing {
  /** Multiples of the whole-number ratio, counted from the image: begins short of pure noise. */
  LEADING("leading") {
    @Override
    int[] timesteps(int trainSteps, int steps, int offset) {
      int ratio = trainSteps / steps;
      int[] timesteps = new int[steps];
      for (int i = 0; i < steps; i++) {
        timesteps[i] = (steps - 1 - i) * ratio + offset;
      }
      return timesteps;
    }
  },
  /**
   * Even distances, counted from pure noise: begins at the last training step. For some numbers of
   * steps, such as 61 of 1000, diffusers rounds its way into one step too many, at timestep -1;
   * here there are always as many as asked for.
   */
  TRAILING("trailing") {
    @Override
    int[] timesteps(int trainSteps, int steps, int offset) {
      // The distance as numpy.arange has it: the difference of its first two values.
      double distance = trainSteps - (trainSteps - trainSteps / (double) steps);
      int[] timesteps = new int[steps];
      for (int i = 0; i < steps; i++) {
        timesteps[i] = (int) Math.rint(trainSteps - i * distance) - 1;
      }
      return timesteps;
    }
  },
  /** Even distances with the first and the last training step among them. */
  LINSPACE("linspace") {
    @Override
    int[] timesteps(int trainSteps, int steps, int offset) {
      double distance = steps == 1 ? 0 : (trainSteps - 1) / (double) (steps - 1);
      int[] timesteps = new int[steps];
      for (int i = 0; i < steps; i++) {
        timesteps[i] = (int) Math.rint((steps - 1 - i) * distance);
      }
      return timesteps;
    }
  };

  private final String option;

  TimestepSpacing(String option) {
    this.option = option;
  }

  /**
   * The training steps to visit, from noise to image, each in [0, trainSteps) unless the offset is
   * too large. Only {@link #LEADING} adds the offset.
   */
  abstract int[] timesteps(int trainSteps, int steps, int offset);

  /** The name in {@code scheduler_config.json}. */
  @Override
  public String toString() {
    return option;
  }
}
