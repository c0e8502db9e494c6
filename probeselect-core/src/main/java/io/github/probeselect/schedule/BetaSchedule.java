package io.github.probeselect.schedule;

/**
 * How the variance beta of the noise added in one training step grows with the step. Everything is
 * rounded to single precision where diffusers does, so that the sampled numbers agree with it.
 */
enum BetaSchedule {
  /** Equal increments of beta, as in Ho et al. (2020), section 4. */
  LINEAR("linear") {
    @Override
    float[] betas(double start, double end, int count) {
      return linspace((float) start, (float) end, count);
    }
  },
  /** Equal increments of the square root of beta, as in latent diffusion. */
  SCALED_LINEAR("scaled_linear") {
    @Override
    float[] betas(double start, double end, int count) {
      float[] betas = linspace((float) Math.sqrt(start), (float) Math.sqrt(end), count);
      for (int i = 0; i < count; i++) {
        betas[i] *= betas[i];
      }
      return betas;
    }
  },
  /**
   * The cosine schedule of Nichol and Dhariwal (2021), equation 17: the product of the alphas is
   * cos^2((t + 0.008) / 1.008 * pi/2), t from 0 to 1, and no beta exceeds 0.999. The two ends given
   * by the configuration have no effect.
   */
  SQUARED_COSINE("squaredcos_cap_v2") {
    @Override
    float[] betas(double start, double end, int count) {
      float[] betas = new float[count];
      for (int i = 0; i < count; i++) {
        double ratio = alphaProduct((i + 1) / (double) count) / alphaProduct(i / (double) count);
        betas[i] = (float) Math.min(1 - ratio, 0.999);
      }
      return betas;
    }

    private double alphaProduct(double time) {
      double cosine = StrictMath.cos((time + 0.008) / 1.008 * Math.PI / 2);
      return cosine * cosine;
    }
  };

  private final String option;

  BetaSchedule(String option) {
    this.option = option;
  }

  /** The betas of {@code count} training steps. */
  abstract float[] betas(double start, double end, int count);

  /** The name in {@code scheduler_config.json}. */
  @Override
  public String toString() {
    return option;
  }

  /** Counted from the nearer end, as torch.linspace does. */
  private static float[] linspace(float start, float end, int count) {
    float[] values = new float[count];
    float increment = count == 1 ? 0 : (end - start) / (count - 1);
    for (int i = 0; i < count; i++) {
      values[i] =
          i < count / 2 || count == 1 ? start + increment * i : end - increment * (count - 1 - i);
    }
    return values;
  }
}
