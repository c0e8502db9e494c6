package io.github.probeselect.schedule;

import java.util.ArrayList;
import java.util.List;

/**
 * A schedule by the pseudo linear multistep method of Liu et al., "Pseudo Numerical Methods for
 * Diffusion Models on Manifolds" (2022): equation 9 updates the latents from one timestep to the
 * next,
 *
 * <pre>{@code
 * x_next = sqrt(a_next / a) x
 *     - (a_next - a) eps / (a sqrt(1 - a_next) + sqrt(a (1 - a) a_next))
 * }</pre>
 *
 * with a the cumulative product of the training alphas, and eps the combination of this and earlier
 * predictions by Adams and Bashforth (equation 12). The first step is taken twice: at the timestep
 * at its end the denoiser is evaluated again, and the mean of both predictions updates the first
 * latents once more. So there is one denoiser evaluation more than the requested steps.
 *
 * <p>The state stores the last three predictions, the most recent one first, and between the two
 * times of the first step the latents at its beginning, after the prediction.
 */
final class PlmsSchedule extends CheckedSchedule {

  /** The weights of the most recent predictions, for one to four of them. */
  private static final float[][] WEIGHTS = {{1}, {3, -1}, {23, -16, 5}, {55, -59, 37, -9}};

  private static final float[] DIVISORS = {1, 2, 12, 24};

  private final float[] observed;
  private final float[] departures;
  private final float[] arrivals;
  private final PredictionType type;

  /**
   * The arrays have an entry per evaluation and belong to the schedule from now on.
   *
   * @param timesteps the timesteps that the denoiser receives
   * @param observed alpha_bar of its input latents
   * @param departures alpha_bar of the latents before each update
   * @param arrivals alpha_bar of the latents after each update
   */
  PlmsSchedule(
      double[] timesteps,
      float[] observed,
      float[] departures,
      float[] arrivals,
      PredictionType type) {
    super(timesteps);
    this.observed = observed;
    this.departures = departures;
    this.arrivals = arrivals;
    this.type = type;
  }

  @Override
  int remembered(int step) {
    if (step == 0 || step == steps()) {
      return 0;
    }
    return step == 1 ? 2 : Math.min(step - 1, 3);
  }

  @Override
  float[] original(int step, float[] latents, float[] prediction) {
    float rootAlpha = root(observed[step]);
    float rootBeta = root(1f - observed[step]);
    float[] original = new float[latents.length];
    for (int i = 0; i < original.length; i++) {
      original[i] = type.original(latents[i], prediction[i], rootAlpha, rootBeta);
    }
    return original;
  }

  @Override
  SamplerState next(int step, SamplerState state, float[] prediction) {
    List<float[]> history = state.history();
    if (step == 1) {
      float[] mean = new float[prediction.length];
      for (int i = 0; i < mean.length; i++) {
        mean[i] = (prediction[i] + history.get(0)[i]) / 2f;
      }
      return after(step, carried(step, history.get(1), mean), history);
    }
    List<float[]> predictions = new ArrayList<>();
    predictions.add(prediction);
    predictions.addAll(history);
    float[] next = carried(step, state.latents(), combined(predictions));
    return after(step, next, step == 0 ? List.of(prediction, state.latents()) : predictions);
  }

  private SamplerState after(int step, float[] latents, List<float[]> memory) {
    return SamplerState.of(latents, memory.subList(0, remembered(step + 1)));
  }

  private static float[] combined(List<float[]> predictions) {
    float[] weights = WEIGHTS[predictions.size() - 1];
    float divisor = DIVISORS[predictions.size() - 1];
    float[] combined = new float[predictions.get(0).length];
    for (int i = 0; i < combined.length; i++) {
      float sum = 0;
      for (int k = 0; k < weights.length; k++) {
        sum += weights[k] * predictions.get(k)[i];
      }
      combined[i] = sum / divisor;
    }
    return combined;
  }

  private float[] carried(int step, float[] latents, float[] prediction) {
    float alpha = departures[step];
    float nextAlpha = arrivals[step];
    float rootAlpha = root(alpha);
    float rootBeta = root(1f - alpha);
    float latentShare = root(nextAlpha / alpha);
    float divisor = alpha * root(1f - nextAlpha) + root(alpha * (1f - alpha) * nextAlpha);
    float[] next = new float[latents.length];
    for (int i = 0; i < next.length; i++) {
      float noise = type.noise(latents[i], prediction[i], rootAlpha, rootBeta);
      next[i] = latentShare * latents[i] - (nextAlpha - alpha) * noise / divisor;
    }
    return next;
  }

  private static float root(float value) {
    return (float) Math.sqrt(value);
  }
}
