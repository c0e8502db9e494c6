package io.github.probeselect.schedule;

/** What a denoiser predicts of the latents x_t = sqrt(alpha_bar) x_0 + sqrt(1 - alpha_bar) eps. */
enum PredictionType {
  /** The noise eps. */
  EPSILON("epsilon") {
    @Override
    float original(float latent, float prediction, float rootAlpha, float rootBeta) {
      return (latent - rootBeta * prediction) / rootAlpha;
    }

    @Override
    float noise(float latent, float prediction, float rootAlpha, float rootBeta) {
      return prediction;
    }
  },
  /** The image latents x_0. */
  SAMPLE("sample") {
    @Override
    float original(float latent, float prediction, float rootAlpha, float rootBeta) {
      return prediction;
    }

    @Override
    float noise(float latent, float prediction, float rootAlpha, float rootBeta) {
      return (latent - rootAlpha * prediction) / rootBeta;
    }
  },
  /**
   * The velocity v = sqrt(alpha_bar) eps - sqrt(1 - alpha_bar) x_0 of Salimans and Ho (2022),
   * appendix D.
   */
  VELOCITY("v_prediction") {
    @Override
    float original(float latent, float prediction, float rootAlpha, float rootBeta) {
      return rootAlpha * latent - rootBeta * prediction;
    }

    @Override
    float noise(float latent, float prediction, float rootAlpha, float rootBeta) {
      return rootAlpha * prediction + rootBeta * latent;
    }
  };

  private final String option;

  PredictionType(String option) {
    this.option = option;
  }

  /**
   * The image latent x_0 that a prediction amounts to.
   *
   * @param rootAlpha sqrt(alpha_bar)
   * @param rootBeta sqrt(1 - alpha_bar)
   */
  abstract float original(float latent, float prediction, float rootAlpha, float rootBeta);

  /** The noise eps that a prediction amounts to. */
  abstract float noise(float latent, float prediction, float rootAlpha, float rootBeta);

  /** The name in {@code scheduler_config.json}. */
  @Override
  public String toString() {
    return option;
  }
}
