package io.github.probeselect.schedule;

/**
 * The ratio of noise to image after every training step, sigma_t = sqrt((1 - alpha_bar_t) /
 * alpha_bar_t): Karras et al., "Elucidating the Design Space of Diffusion-Based Generative Models"
 * (2022), table 1, variance preserving. Between training steps it is interpolated.
 */
final class SigmaTable {

  /** The alpha_bar used where it is zero, to keep sigma finite. */
  private static final float LEAST_ALPHA_PRODUCT = 0x1p-24f;

  private final float[] sigmas;
  private final float[] logarithms;

  private SigmaTable(float[] sigmas) {
    this.sigmas = sigmas;
    this.logarithms = new float[sigmas.length];
    for (int i = 0; i < sigmas.length; i++) {
      logarithms[i] = (float) StrictMath.log(sigmas[i]);
    }
  }

  /** Returns the table for alpha_bar of every training step. */
  static SigmaTable of(float[] alphasCumprod) {
    float[] sigmas = new float[alphasCumprod.length];
    for (int i = 0; i < sigmas.length; i++) {
      float product = alphasCumprod[i] == 0 ? LEAST_ALPHA_PRODUCT : alphasCumprod[i];
      sigmas[i] = (float) Math.sqrt((1f - product) / product);
    }
    return new SigmaTable(sigmas);
  }

  /** How many training steps there are. */
  int trainSteps() {
    return sigmas.length;
  }

  /** Sigma after the first training step, the least. */
  float least() {
    return sigmas[0];
  }

  /** Sigma after the last training step, the greatest. */
  float greatest() {
    return sigmas[sigmas.length - 1];
  }

  /** Sigma at a time from 0 to the last training step, on the line between its neighbours. */
  double at(double timestep) {
    int below = (int) timestep;
    if (below >= sigmas.length - 1) {
      return greatest();
    }
    double slope = (double) sigmas[below + 1] - sigmas[below];
    return slope * (timestep - below) + sigmas[below];
  }

  /** The time at which sigma is reached, on the line between the logarithms of its neighbours. */
  double timestep(double sigma) {
    double logarithm = StrictMath.log(sigma);
    int below = 0;
    while (below < sigmas.length - 2 && logarithms[below + 1] <= logarithm) {
      below++;
    }
    double share = (logarithms[below] - logarithm) / (logarithms[below] - logarithms[below + 1]);
    double above = Math.max(0, Math.min(1, share));
    return (1 - above) * below + above * (below + 1);
  }
}
