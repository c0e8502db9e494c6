package io.github.probeselect.schedule;

import java.util.OptionalDouble;

/**
 * Sigmas that lie closer together towards the image: Karras et al., "Elucidating the Design Space
 * of Diffusion-Based Generative Models" (2022), equation 5 with rho = 7.
 */
final class KarrasSigmas {

  private static final double RHO = 7;

  /**
   * The first and the last sigma where they are not those of the schedule. Only some classes have
   * these options, but all read them: a configuration may have them from another class.
   */
  record Limits(OptionalDouble greatest, OptionalDouble least) {

    static final Limits NONE = new Limits(OptionalDouble.empty(), OptionalDouble.empty());

    static Limits of(SchedulerOptions options) {
      return new Limits(
          options.optionalNumber("sigma_max", 0, Float.MAX_VALUE),
          options.optionalNumber("sigma_min", 0, Float.MAX_VALUE));
    }

    boolean areBothGiven() {
      return greatest.isPresent() && least.isPresent();
    }

    /** Returns {@code count} falling sigmas from the greatest to the least, given or else. */
    double[] between(double otherGreatest, double otherLeast, int count) {
      return KarrasSigmas.between(greatest.orElse(otherGreatest), least.orElse(otherLeast), count);
    }
  }

  private KarrasSigmas() {}

  /** Returns {@code count} falling sigmas from the greatest to the least. */
  static double[] between(double greatest, double least, int count) {
    double first = StrictMath.pow(greatest, 1 / RHO);
    double last = StrictMath.pow(least, 1 / RHO);
    double[] sigmas = EvenSpacing.between(0, 1, count);
    for (int i = 0; i < count; i++) {
      sigmas[i] = StrictMath.pow(first + sigmas[i] * (last - first), RHO);
    }
    return sigmas;
  }
}
