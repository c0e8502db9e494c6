package io.github.probeselect.schedule;

import java.util.EnumSet;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * PLMS, the linear multistep half of Liu et al., "Pseudo Numerical Methods for Diffusion Models on
 * Manifolds" (2022), with the options and defaults that {@code PNDMScheduler} has in diffusers. The
 * Runge-Kutta steps, which that class starts with unless an option skips them, are not supported:
 * no latent diffusion model is sampled with them.
 */
final class PndmScheduler implements Scheduler {

  static final String TYPE = "PNDMScheduler";

  private final float[] alphasCumprod;
  private final float finalAlphaProduct;
  private final TimestepSpacing spacing;
  private final int stepsOffset;
  private final PredictionType prediction;

  private PndmScheduler(
      float[] alphasCumprod,
      float finalAlphaProduct,
      TimestepSpacing spacing,
      int stepsOffset,
      PredictionType prediction) {
    this.alphasCumprod = alphasCumprod;
    this.finalAlphaProduct = finalAlphaProduct;
    this.spacing = spacing;
    this.stepsOffset = stepsOffset;
    this.prediction = prediction;
  }

  /** Returns the scheduler of a configuration, which is validated. */
  static PndmScheduler of(Map<String, ? extends @Nullable Object> config) {
    var options = new SchedulerOptions(TYPE, config);
    float[] products = AlphasCumprod.of(options);
    PredictionType prediction =
        options.choice(
            "prediction_type",
            PredictionType.EPSILON,
            EnumSet.of(PredictionType.EPSILON, PredictionType.VELOCITY));
    TimestepSpacing spacing = options.choice("timestep_spacing", TimestepSpacing.LEADING);
    int stepsOffset = spacing.offset(options, products.length);
    boolean alphaToOne = options.flag("set_alpha_to_one", false);
    if (!options.flag("skip_prk_steps", false)) {
      throw options.refused(
          "skip_prk_steps", false, "must be true: Runge-Kutta steps are not supported");
    }
    options.logLeftovers();
    return new PndmScheduler(
        products, alphaToOne ? 1f : products[0], spacing, stepsOffset, prediction);
  }

  @Override
  public String name() {
    return "PLMS";
  }

  @Override
  public Schedule schedule(int steps, int imageTokens) {
    int trainSteps = alphasCumprod.length;
    int[] visited = spacing.timesteps(trainSteps, steps, stepsOffset);
    // As for DDIM, the distance of a step is the whole-number ratio for every spacing.
    int distance = trainSteps / steps;
    int evaluations = steps == 1 ? 1 : steps + 1;
    var timesteps = new double[evaluations];
    var observed = new float[evaluations];
    var departures = new float[evaluations];
    var arrivals = new float[evaluations];
    for (int i = 0; i < evaluations; i++) {
      int timestep = visited[i < 2 ? i : i - 1];
      int departure = i == 1 ? timestep + distance : timestep;
      timesteps[i] = timestep;
      observed[i] = alphasCumprod[timestep];
      departures[i] = alphasCumprod[departure];
      arrivals[i] = departure < distance ? finalAlphaProduct : alphasCumprod[departure - distance];
    }
    return new PlmsSchedule(timesteps, observed, departures, arrivals, prediction);
  }
}
