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

  /** What the shift that depends on the image's size, called mu, is in the formula of a shift. */
  private enum TimeShift {
    /** Its exponential. */
    EXPONENTIAL("exponential"),
    /** Itself. */
    LINEAR("linear");

    private final String option;

    TimeShift(String option) {
      this.option = option;
    }

    @Override
    public String toString() {
      return option;
    }
  }

  private final int trainSteps;
  private final boolean linearSigmas;
  private final double shift;
  private final boolean dynamic;
  private final TimeShift timeShift;
  private final double baseShift;
  private final double maxShift;
  private final int baseTokens;
  private final int maxTokens;
  private final OptionalDouble shiftTerminal;
  private final boolean karras;

  private FlowEulerScheduler(SchedulerOptions options, boolean linearSigmas) {
    this.linearSigmas = linearSigmas;
    this.trainSteps = options.wholeNumber("num_train_timesteps", 1000, 2, MOST_STEPS);
    this.shift = options.number("shift", 1, 0, Double.POSITIVE_INFINITY);
    this.dynamic = options.flag("use_dynamic_shifting", false);
    this.timeShift = options.choice("time_shift_type", TimeShift.EXPONENTIAL);
    this.baseShift = options.number("base_shift", 0.5, -100, 100);
    this.maxShift = options.number("max_shift", 1.15, -100, 100);
    this.baseTokens = options.wholeNumber("base_image_seq_len", 256, 1, Integer.MAX_VALUE);
    this.maxTokens = options.wholeNumber("max_image_seq_len", 4096, 1, Integer.MAX_VALUE);
    this.shiftTerminal = options.optionalNumber("shift_terminal", 0, 1);
    this.karras = options.flag("use_karras_sigmas", false);
    options.only("use_exponential_sigmas", false);
    options.only("use_beta_sigmas", false);
    options.only("invert_sigmas", false);
    options.only("stochastic_sampling", false);
    options.requireAllTaken();
    if (dynamic && baseTokens == maxTokens) {
      throw options.contradiction(
          "base_image_seq_len", "max_image_seq_len", "the shift grows from one to the other");
    }
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
    double[] sigmas = FlowShift.of(evenSigmas(steps), dynamic ? shift(imageTokens) : shift);
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
      sigmas = KarrasSigmas.between(sigmas[0], sigmas[steps - 1], steps);
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
    if (!dynamic) {
      least = (float) shift * least / (1f + (float) (shift - 1) * least);
    }
    double[] times = EvenSpacing.between(trainSteps, (double) least * trainSteps, steps);
    return Arrays.stream(times).map(time -> time / trainSteps).toArray();
  }

  /** The shift for an image of so many tokens: on the line through the two given ones. */
  private double shift(int imageTokens) {
    if (imageTokens < 1) {
      throw new InvalidRequestException(
          "an image has at least one token, got "
              + imageTokens
              + "; give height times width of"
              + " the latents, divided by the patch size");
    }
    double slope = (maxShift - baseShift) / (maxTokens - baseTokens);
    double mu = imageTokens * slope + (baseShift - slope * baseTokens);
    double dynamicShift = timeShift == TimeShift.EXPONENTIAL ? StrictMath.exp(mu) : mu;
    if (!(dynamicShift > 0)) {
      throw new InvalidRequestException(
          "an image of "
              + imageTokens
              + " tokens has the shift "
              + dynamicShift
              + " in this model, which must be above 0; ask for another size");
    }
    return dynamicShift;
  }
}
