package io.github.probeselect.schedule;

import io.github.probeselect.bundle.BundleManifest.Sigmas;
import io.github.probeselect.error.InvalidRequestException;
import java.util.Arrays;
import java.util.Map;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;

/**
 * Euler's method for flow matching, with the options and defaults that {@code
 * FlowMatchEulerDiscreteScheduler} has in diffusers, and the dynamic shift that its pipelines work
 * out for it.
 */
final class FlowEulerScheduler implements Scheduler {

  static final String TYPE = "FlowMatchEulerDiscreteScheduler";

  private static final int MOST_STEPS = 1_000_000;

  private final int trainSteps;
  private final boolean linearSigmas;
  private final FlowShift shift;
  private final OptionalDouble shiftTerminal;
  private final boolean karras;
  private final KarrasSigmas.Limits limits;

  private FlowEulerScheduler(SchedulerOptions options, boolean linearSigmas) {
    this.linearSigmas = linearSigmas;
    this.trainSteps = options.wholeNumber("num_train_timesteps", 1000, 2, MOST_STEPS);
    options.choice("time_shift_type", FlowShift.TimeShift.EXPONENTIAL, FlowShift.TimeShift.ANY);
    this.shift = FlowShift.of(options, "shift", FlowShift.TimeShift.ANY);
    this.shiftTerminal = options.optionalNumberOrZero("shift_terminal", 1);
    this.karras = options.flag("use_karras_sigmas", false);
    this.limits = karras ? KarrasSigmas.Limits.of(options) : KarrasSigmas.Limits.NONE;
    options.off("use_exponential_sigmas");
    options.off("use_beta_sigmas");
    options.off("invert_sigmas");
    options.off("stochastic_sampling");
    options.logLeftovers();
  }

  /**
   * Returns the scheduler of a configuration, which is validated.
   *
   * @param sigmas the sigmas that the pipeline hands to the scheduler, {@code null} for none
   */
  static FlowEulerScheduler of(
      Map<String, ? extends @Nullable Object> config, @Nullable Sigmas sigmas) {
    return new FlowEulerScheduler(new SchedulerOptions(TYPE, config), sigmas == Sigmas.LINEAR);
  }

  @Override
  public String name() {
    return karras ? "Flow Euler Karras" : "Flow Euler";
  }

  @Override
  public Schedule schedule(int steps, int imageTokens) {
    TimestepSpacing.requireSteps(steps, trainSteps);
    double[] sigmas = shift.of(evenSigmas(steps), imageTokens);
    if (shiftTerminal.isPresent()) {
      if (sigmas[steps - 1] == 1) {
        throw new InvalidRequestException(
            "one step cannot both begin at noise and end at the model's shift_terminal of "
                + shiftTerminal.getAsDouble()
                + "; ask for more steps");
      }
      sigmas = FlowShift.stretchedTo(shiftTerminal.getAsDouble(), sigmas);
    }
    if (karras) {
      sigmas = limits.between(sigmas[0], sigmas[steps - 1], steps);
    }
    double[] timesteps = Arrays.stream(sigmas).map(sigma -> (float) sigma * trainSteps).toArray();
    return new FlowEulerSchedule(SigmaPath.of(timesteps, sigmas, 0));
  }

  private double[] evenSigmas(int steps) {
    if (linearSigmas) {
      return EvenSpacing.between(1, 1.0 / steps, steps);
    }
    // A static shift acts twice: the least sigma is already shifted, and all are shifted again. So
    // it is in diffusers, and pipelines are tuned with it.
    float least = 1f / trainSteps;
    if (!shift.isDynamic()) {
      double s = shift.fixed();
      least = (float) s * least / (1f + (float) (s - 1) * least);
    }
    double[] times = EvenSpacing.between(trainSteps, (double) least * trainSteps, steps);
    return Arrays.stream(times).map(time -> time / trainSteps).toArray();
  }
}
