package io.github.probeselect.schedule;

/** What a solver extrapolates: the denoiser's prediction, turned into one of these. */
enum SolverOutput {
  /** The image latents x_0. */
  ORIGINAL {
    @Override
    float[] of(PredictionType type, NoiseLevel level, float[] latents, float[] prediction) {
      float[] original = new float[latents.length];
      for (int i = 0; i < original.length; i++) {
        original[i] = type.original(latents[i], prediction[i], level.alpha(), level.sigma());
      }
      return original;
    }
  },
  /** The noise eps. */
  NOISE {
    @Override
    float[] of(PredictionType type, NoiseLevel level, float[] latents, float[] prediction) {
      float[] noise = new float[latents.length];
      for (int i = 0; i < noise.length; i++) {
        noise[i] = type.noise(latents[i], prediction[i], level.alpha(), level.sigma());
      }
      return noise;
    }
  };

  /** Returns a new array of as many values as the latents. */
  abstract float[] of(PredictionType type, NoiseLevel level, float[] latents, float[] prediction);
}
