package io.github.probeselect.schedule;

/**
 * The cumulative products of the alphas, alpha_bar_t = (1 - beta_0) * ... * (1 - beta_t): the share
 * of the variance that is still image, not noise, after training step t. All in single precision,
 * except for the running product, which PyTorch keeps in double.
 */
final class AlphaProducts {

  private AlphaProducts() {}

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
   * Returns alpha_bar for betas rescaled such that nothing of the image is left after the last
   * training step: Lin et al., "Common Diffusion Noise Schedules and Sample Steps are Flawed"
   * (2023), algorithm 1. The square roots of alpha_bar are shifted to make the last one 0 and
   * scaled to leave the first one as it was; betas are then derived from them and multiplied up
   * again.
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
