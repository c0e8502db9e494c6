package io.github.probeselect.schedule;

/**
 * The cumulative products of the alphas, alpha_bar_t = (1 - beta_0) * ... * (1 - beta_t): the share
 * of the variance that is still image, not noise, after training step t. All in single precision,
 * except for the running product, which PyTorch keeps in double.
 */
final class AlphasCumprod {

  /** More training steps than any model has. */
  private static final int MOST_STEPS = 1_000_000;

  private AlphasCumprod() {}

  /**
   * Reads the noise schedule of the training from the options and returns alpha_bar for every
   * training step.
   */
  static float[] of(SchedulerOptions options) {
    return of(betas(options));
  }

  /** The same for classes that can rescale the betas: the last alpha_bar is 0 if they are to. */
  static float[] rescalable(SchedulerOptions options) {
    float[] betas = betas(options);
    return options.flag("rescale_betas_zero_snr", false) ? withZeroTerminalSnr(betas) : of(betas);
  }

  private static float[] betas(SchedulerOptions options) {
    options.absent("trained_betas");
    int trainSteps = options.wholeNumber("num_train_timesteps", 1000, 2, MOST_STEPS);
    BetaSchedule betaSchedule = options.choice("beta_schedule", BetaSchedule.LINEAR);
    if (betaSchedule == BetaSchedule.SQUARED_COSINE) {
      return betaSchedule.betas(0, 0, trainSteps);
    }
    double betaStart = options.number("beta_start", 0.0001, 0, 1);
    double betaEnd = options.number("beta_end", 0.02, 0, 1);
    return betaSchedule.betas(betaStart, betaEnd, trainSteps);
  }

  /** Returns alpha_bar for every training step. */
  static float[] of(float[] betas) {
    float[] products = new float[betas.length];
    double product = 1;
    for (int i = 0; i < betas.length; i++) {
      product *= 1f - betas[i];
      products[i] = (float) product;
    }
    return products;
  }

  /**
   * Returns alpha_bar for betas rescaled such that alpha_bar is zero after the last training step:
   * Lin et al., "Common Diffusion Noise Schedules and Sample Steps are Flawed" (2023), algorithm 1.
   * The square roots of alpha_bar are shifted to make the last one 0 and scaled to leave the first
   * one as it was; betas are then derived from them and multiplied up again.
   */
  static float[] withZeroTerminalSnr(float[] betas) {
    float[] products = of(betas);
    int count = products.length;
    float first = (float) Math.sqrt(products[0]);
    float last = (float) Math.sqrt(products[count - 1]);
    float scale = first / (first - last);
    float[] rescaledBetas = new float[count];
    float before = 1f;
    for (int i = 0; i < count; i++) {
      float root = ((float) Math.sqrt(products[i]) - last) * scale;
      float product = root * root;
      rescaledBetas[i] = 1f - product / before;
      before = product;
    }
    return of(rescaledBetas);
  }
}
