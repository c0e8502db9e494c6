package io.github.probeselect.schedule;

import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Euler's method along sigma, with the options and defaults that {@code EulerDiscreteScheduler} has
 * in diffusers.
 */
final class EulerScheduler implements Scheduler {

  static final String TYPE = "EulerDiscreteScheduler";

  /** The timesteps that the denoiser receives. */
  private enum TimestepType {
    /** The training step, or a place between two. */
    DISCRETE("discrete"),
    /** A quarter of the logarithm of sigma, for velocity predictions only. */
    CONTINUOUS("continuous");

    private final String option;

    TimestepType(String option) {
      this.option = option;
    }

    @Override
    public String toString() {
      return option;
    }
  }

  private final SigmaTable table;
  private final TimestepSpacing spacing;
  private final int stepsOffset;
  private final PredictionType prediction;
  private final boolean karras;
  private final KarrasSigmas.Limits limits;
  private final FinalSigma finalSigma;
  private final boolean continuous;

  private EulerScheduler(SchedulerOptions options) {
    this.table = SigmaTable.of(AlphasCumprod.rescalable(options));
    this.spacing = options.choice("timestep_spacing", TimestepSpacing.LINSPACE);
    this.stepsOffset = spacing.offset(options, table.trainSteps());
    options.rename("prediction_type", Set.of("original_sample"), "sample");
    this.prediction =
        options.choice("prediction_type", PredictionType.EPSILON, PredictionType.OF_DIFFUSION);
    this.karras = options.flag("use_karras_sigmas", false);
    this.limits = karras ? KarrasSigmas.Limits.of(options) : KarrasSigmas.Limits.NONE;
    this.finalSigma = options.choice("final_sigmas_type", FinalSigma.ZERO);
    this.continuous =
        prediction == PredictionType.VELOCITY
            && options.choice("timestep_type", TimestepType.DISCRETE) == TimestepType.CONTINUOUS;
    if (!limits.areBothGiven()) {
      options.only("interpolation_type", "linear");
    }
    options.off("use_exponential_sigmas");
    options.off("use_beta_sigmas");
    options.logLeftovers();
  }

  /** Returns the scheduler of a configuration, which is validated. */
  static EulerScheduler of(Map<String, ? extends @Nullable Object> config) {
    return new EulerScheduler(new SchedulerOptions(TYPE, config));
  }

  @Override
  public String name() {
    return karras ? "Euler Karras" : "Euler";
  }

  @Override
  public Schedule schedule(int steps, int imageTokens) {
    double[] timesteps = spacing.exactTimesteps(table.trainSteps(), steps, stepsOffset);
    double[] sigmas = new double[steps];
    for (int i = 0; i < steps; i++) {
      timesteps[i] = (float) timesteps[i];
      sigmas[i] = table.at(timesteps[i]);
    }
    if (karras) {
      sigmas = limits.between(sigmas[0], sigmas[steps - 1], steps);
      for (int i = 0; i < steps; i++) {
        timesteps[i] = (float) table.timestep(sigmas[i]);
      }
    }
    if (continuous) {
      for (int i = 0; i < steps; i++) {
        timesteps[i] = 0.25f * (float) StrictMath.log((float) sigmas[i]);
      }
    }
    SigmaPath path = SigmaPath.of(timesteps, sigmas, finalSigma.of(table.least()));
    return new EulerSchedule(path, startScale((float) sigmas[0]), prediction);
  }

  /**
   * The standard deviation of the latents at the beginning. Where a schedule may begin short of
   * pure noise, diffusers adds the variance of the image.
   */
  private float startScale(float sigma) {
    return spacing == TimestepSpacing.LEADING ? (float) Math.sqrt(sigma * sigma + 1f) : sigma;
  }
}
