package io.github.probeselect.schedule;

import io.github.probeselect.error.InvalidRequestException;
import java.util.Arrays;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Deterministic DDIM (eta = 0) of Song et al., "Denoising Diffusion Implicit Models" (2020), with
 * the options and defaults that {@code DDIMScheduler} has in diffusers.
 */
final class DdimScheduler implements Scheduler {

  static final String TYPE = "DDIMScheduler";

  private final float[] alphasCumprod;
  private final float finalAlphaProduct;
  private final TimestepSpacing spacing;
  private final int stepsOffset;
  private final PredictionType prediction;
  private final float clipRange;

  /** Alpha_bar for every training step and after the last sampling step, and what else matters. */
  private DdimScheduler(
      float[] alphasCumprod,
      float finalAlphaProduct,
      TimestepSpacing spacing,
      int stepsOffset,
      PredictionType prediction,
      float clipRange) {
    this.alphasCumprod = alphasCumprod;
    this.finalAlphaProduct = finalAlphaProduct;
    this.spacing = spacing;
    this.stepsOffset = stepsOffset;
    this.prediction = prediction;
    this.clipRange = clipRange;
  }

  /** Returns the scheduler of a configuration, which is validated. */
  static DdimScheduler of(Map<String, ? extends @Nullable Object> config) {
    var options = new SchedulerOptions(TYPE, config);
    float[] products = AlphasCumprod.rescalable(options);
    PredictionType prediction =
        options.choice("prediction_type", PredictionType.EPSILON, PredictionType.OF_DIFFUSION);
    TimestepSpacing spacing = options.choice("timestep_spacing", TimestepSpacing.LEADING);
    int stepsOffset = spacing.offset(options, products.length);
    boolean alphaToOne = options.flag("set_alpha_to_one", true);
    boolean clip = options.flag("clip_sample", true);
    double clipRange =
        clip
            ? options.number("clip_sample_range", 1, 0, Double.POSITIVE_INFINITY)
            : Double.POSITIVE_INFINITY;
    options.off("thresholding");
    options.logLeftovers();
    boolean zeroSnr = products[products.length - 1] == 0;
    if (zeroSnr && prediction == PredictionType.EPSILON && spacing != TimestepSpacing.LEADING) {
      throw options.contradiction(
          "rescale_betas_zero_snr",
          "prediction_type",
          "the noise contains no information about the image at a signal-to-noise ratio of zero; the"
              + " prediction type must be v_prediction or sample");
    }
    return new DdimScheduler(
        products,
        alphaToOne ? 1f : products[0],
        spacing,
        stepsOffset,
        prediction,
        (float) clipRange);
  }

  @Override
  public String name() {
    return "DDIM";
  }

  @Override
  public Schedule schedule(int steps, int imageTokens) {
    int trainSteps = alphasCumprod.length;
    int[] timesteps = spacing.timesteps(trainSteps, steps, stepsOffset);
    if (prediction == PredictionType.EPSILON && alphasCumprod[timesteps[0]] == 0) {
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
      departures[step] = alphasCumprod[timesteps[step]];
      arrivals[step] = arrival < 0 ? finalAlphaProduct : alphasCumprod[arrival];
    }
    return new DdimSchedule(
        Arrays.stream(timesteps).asDoubleStream().toArray(),
        departures,
        arrivals,
        prediction,
        clipRange);
  }
}
