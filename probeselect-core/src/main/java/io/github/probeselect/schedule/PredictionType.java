package io.github.probeselect.schedule;

import java.util.Collections;
import java.util.EnumSet;
import java.util.Set;

/**
 * What a denoiser predicts of the latents x_t = alpha x_0 + sigma eps. In diffusion alpha is the
 * square root of alpha_bar and sigma that of 1 - alpha_bar; in flow matching alpha is 1 - sigma.
 */
enum PredictionType {
  /** The noise eps. */
  EPSILON("epsilon") {
    @Override
    float original(float latent, float prediction, float alpha, float sigma) {
      return (latent - sigma * prediction) / alpha;
    }

    @Override
    float noise(float latent, float prediction, float alpha, float sigma) {
      return prediction;
    }
  },
  /** The image latents x_0. */
  SAMPLE("sample") {
    @Override
    float original(float latent, float prediction, float alpha, float sigma) {
      return prediction;
    }

    @Override
    float noise(float latent, float prediction, float alpha, float sigma) {
      return (latent - alpha * prediction) / sigma;
    }
  },
  /** The velocity v = alpha eps - sigma x_0 of Salimans and Ho (2022), appendix D. */
  VELOCITY("v_prediction") {
    @Override
    float original(float latent, float prediction, float alpha, float sigma) {
      return alpha * latent - sigma * prediction;
    }

    @Override
    float noise(float latent, float prediction, float alpha, float sigma) {
      return alpha * prediction + sigma * latent;
    }
  },
  /** The velocity v = eps - x_0 of flow matching, Liu et al. (2022) and Lipman et al. (2022). */
  FLOW("flow_prediction") {
    @Override
    float original(float latent, float prediction, float alpha, float sigma) {
      return latent - sigma * prediction;
    }

    @Override
    float noise(float latent, float prediction, float alpha, float sigma) {
      return latent + alpha * prediction;
    }
  };

  /** What can be predicted along the sigmas of diffusion. */
  static final Set<PredictionType> OF_DIFFUSION =
      Collections.unmodifiableSet(EnumSet.of(EPSILON, SAMPLE, VELOCITY));

  /** What can be predicted along the sigmas of flow matching. */
  static final Set<PredictionType> OF_FLOW =
      Collections.unmodifiableSet(EnumSet.of(EPSILON, SAMPLE, FLOW));

  private final String option;

  PredictionType(String option) {
    this.option = option;
  }

  /**
   * The image latent x_0 that a prediction amounts to.
   *
   * @param alpha the share of the image in the latents
   * @param sigma the share of the noise
   */
  abstract float original(float latent, float prediction, float alpha, float sigma);

  /** The noise eps that a prediction amounts to. */
  abstract float noise(float latent, float prediction, float alpha, float sigma);

  /** The name in {@code scheduler_config.json}. */
  @Override
  public String toString() {
    return option;
  }
}
