package io.github.probeselect.schedule;

import io.github.probeselect.error.InvalidBundleException;
import io.github.probeselect.error.InvalidRequestException;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Deterministic DDIM (eta = 0) of Song et al., "Denoising Diffusion Implicit Models" (2020), with
 * the options and defaults that {@code DDIMScheduler} has in diffusers.
 */
final class DdimScheduler implements Scheduler {

  private static final int MOST_STEPS = 1_000_000;

  private final float[] alphaProducts;
  private final float finalAlphaProduct;
  private final TimestepSpacing spacing;
  private final int stepsOffset;
  private final PredictionType prediction;
  private final float clipRange;

  /** Alpha_bar for every training step and after the last sampling step, and what else matters. */
  private DdimScheduler(
      float[] alphaProducts,
      float finalAlphaProduct,
      TimestepSpacing spacing,
      int stepsOffset,
      PredictionType prediction,
      float clipRange) {
    this.alphaProducts = alphaProducts;
    this.finalAlphaProduct = finalAlphaProduct;
    this.spacing = spacing;
    this.stepsOffset = stepsOffset;
    this.prediction = prediction;
    this.clipRange = clipRange;
  }

  /** Returns the scheduler of a configuration, which is validated. */
  static DdimScheduler of(Map<String, ? extends @Nullable Object> config) {
    var options = new SchedulerOptions("DDIMScheduler", config);
    int trainSteps = options.wholeNumber("num_train_timesteps", 1000, 2, MOST_STEPS);
    double betaStart = options.number("beta_start", 0.0001, 0, 1);
    double betaEnd = options.number("beta_end", 0.02, 0, 1);
    BetaSchedule betaSchedule = options.choice("beta_schedule", BetaSchedule.LINEAR);
    PredictionType prediction = options.choice("prediction_type", PredictionType.EPSILON);
    TimestepSpacing spacing = options.choice("timestep_spacing", TimestepSpacing.LEADING);
    int stepsOffset = options.wholeNumber("steps_offset", 0, 0, MOST_STEPS);
    boolean alphaToOne = options.flag("set_alpha_to_one", true);
    boolean zeroSnr = options.flag("rescale_betas_zero_snr", false);
    boolean clip = options.flag("clip_sample", true);
    double clipRange = options.number("clip_sample_range", 1, 0, Double.POSITIVE_INFINITY);
    if (options.flag("thresholding", false)) {
      throw options.refused("thresholding", true, "must be false: it is not made for latents");
    }
    options.ignore("dynamic_thresholding_ratio"); // acts with thresholding only
    options.ignore("sample_max_value"); // acts with thresholding only
    options.ignore("skip_prk_steps"); // left in many DDIM configurations by another scheduler
    options.requireAllTaken();
    if (zeroSnr && prediction == PredictionType.EPSILON && spacing != TimestepSpacing.LEADING) {
      throw new InvalidBundleException(
          "options 'rescale_betas_zero_snr' and 'prediction_type' of the DDIMScheduler contradict"
              + " each other: the noise says nothing about the image at a signal-to-noise ratio of"
              + " zero; the prediction type must be v_prediction or sample");
    }

    float[] betas = betaSchedule.betas(betaStart, betaEnd, trainSteps);
    float[] products = zeroSnr ? AlphaProducts.withZeroTerminalSnr(betas) : AlphaProducts.of(betas);
    return new DdimScheduler(
        products,
        alphaToOne ? 1f : products[0],
        spacing,
        stepsOffset,
        prediction,
        clip ? (float) clipRange : Float.POSITIVE_INFINITY);
  }

  @Override
  public String name() {
    return "DDIM";
  }

  @Override
  public Schedule schedule(int steps) {
    int trainSteps = alphaProducts.length;
    if (steps < 1 || steps > trainSteps) {
      throw new InvalidRequestException(
          "the number of steps must be between 1 and "
              + trainSteps
              + ", the steps the model was trained with; got "
              + steps);
    }
    int[] timesteps = spacing.timesteps(trainSteps, steps, stepsOffset);
    if (timesteps[0] >= trainSteps) {
      throw new InvalidRequestException(
          steps
              + " steps with the model's steps_offset of "
              + stepsOffset
              + " begin at timestep "
              + timesteps[0]
              + ", beyond the "
              + trainSteps
              + " it was trained with; ask for fewer steps");
    }
    if (prediction == PredictionType.EPSILON && alphaProducts[timesteps[0]] == 0) {
      throw new InvalidRequestException(
          steps + " steps begin at pure noise, where this model cannot; ask for fewer steps");
    }
    // The distance to the state after a step is the whole-number ratio for every spacing, even
    // where the timesteps themselves are further apart: so it is in diffusers, and models are
    // tuned with it.
    int distance = trainSteps / steps;
    var arrivals = new float[steps];
    var departures = new float[steps];
    for (int step = 0; step < steps; step++) {
      int arrival = timesteps[step] - distance;
      departures[step] = alphaProducts[timesteps[step]];
      arrivals[step] = arrival < 0 ? finalAlphaProduct : alphaProducts[arrival];
    }
    return new DdimSchedule(timesteps, departures, arrivals, prediction, clipRange);
  }
}
