package io.github.probeselect.schedule;

import io.github.probeselect.error.InvalidRequestException;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;

/**
 * Moves the sigmas of flow matching, which lie in [0, 1], towards noise: by a fixed shift, or by a
 * dynamic one, that is the more the larger the image is. Esser et al., "Scaling Rectified Flow
 * Transformers for High-Resolution Image Synthesis" (2024), section 5.3.2.
 */
final class FlowShift {

  /** What the shift that depends on the image's size, called mu, is in the formula of a shift. */
  enum TimeShift {
    /** Its exponential. */
    EXPONENTIAL("exponential"),
    /** Itself. */
    LINEAR("linear");

    /** All of them. */
    static final Set<TimeShift> ANY = EnumSet.allOf(TimeShift.class);

    private final String option;

    TimeShift(String option) {
      this.option = option;
    }

    @Override
    public String toString() {
      return option;
    }
  }

  /** No shift at all. */
  static final FlowShift NONE = new FlowShift(1, Optional.empty());

  private final double fixed;
  private final Optional<BySize> bySize;

  private FlowShift(double fixed, Optional<BySize> bySize) {
    this.fixed = fixed;
    this.bySize = bySize;
  }

  /**
   * Reads the options of a shift. What the dynamic one depends on are options of the flow-matching
   * scheduler; for others they come from the pipeline, which works out the shift for them.
   *
   * @param fixedKey the option that has the fixed shift
   * @param allowed the time shifts that the scheduler has
   */
  static FlowShift of(SchedulerOptions options, String fixedKey, Set<TimeShift> allowed) {
    return options.flag("use_dynamic_shifting", false)
        ? new FlowShift(1, Optional.of(BySize.of(options, allowed)))
        : new FlowShift(options.number(fixedKey, 1, 0, Double.POSITIVE_INFINITY), Optional.empty());
  }

  /** Whether it depends on the image's size. */
  boolean isDynamic() {
    return bySize.isPresent();
  }

  /** The shift that does not depend on the image's size. */
  double fixed() {
    return fixed;
  }

  /**
   * Returns {@code s sigma / (1 + (s - 1) sigma)} of every sigma; a shift s of 1 changes nothing.
   *
   * @throws InvalidRequestException if an image of that many tokens has no shift
   */
  double[] of(double[] sigmas, int imageTokens) {
    double shift = bySize.map(dynamic -> dynamic.shift(imageTokens)).orElse(fixed);
    double[] shifted = new double[sigmas.length];
    for (int i = 0; i < sigmas.length; i++) {
      shifted[i] = shift * sigmas[i] / (1 + (shift - 1) * sigmas[i]);
    }
    return shifted;
  }

  /** Returns the sigmas with their distances from 1 scaled such that the last is {@code last}. */
  static double[] stretchedTo(double last, double[] sigmas) {
    double scale = (1 - sigmas[sigmas.length - 1]) / (1 - last);
    double[] stretched = new double[sigmas.length];
    for (int i = 0; i < sigmas.length; i++) {
      stretched[i] = 1 - (1 - sigmas[i]) / scale;
    }
    return stretched;
  }

  /** The line on which the shift grows with the number of tokens. */
  private record BySize(
      TimeShift timeShift, double baseShift, double maxShift, int baseTokens, int maxTokens) {

    static BySize of(SchedulerOptions options, Set<TimeShift> allowed) {
      BySize bySize =
          new BySize(
              options.choice("time_shift_type", TimeShift.EXPONENTIAL, allowed),
              options.number("base_shift", 0.5, -100, 100),
              options.number("max_shift", 1.15, -100, 100),
              options.wholeNumber("base_image_seq_len", 256, 1, Integer.MAX_VALUE),
              options.wholeNumber("max_image_seq_len", 4096, 1, Integer.MAX_VALUE));
      if (bySize.baseTokens == bySize.maxTokens) {
        throw options.contradiction(
            "base_image_seq_len", "max_image_seq_len", "the shift grows from one to the other");
      }
      return bySize;
    }

    /**
     * The shift for an image of {@code imageTokens} tokens: on the line through the two given ones.
     */
    double shift(int imageTokens) {
      if (imageTokens < 1) {
        throw new InvalidRequestException(
            "an image has at least one token, got "
                + imageTokens
                + "; give height times width of"
                + " the latents, divided by the patch size");
      }
      double slope = (maxShift - baseShift) / (maxTokens - baseTokens);
      double mu = imageTokens * slope + (baseShift - slope * baseTokens);
      double shift = timeShift == TimeShift.EXPONENTIAL ? StrictMath.exp(mu) : mu;
      if (!(shift > 0)) {
        throw new InvalidRequestException(
            "an image of "
                + imageTokens
                + " tokens has the shift "
                + shift
                + " in this model, which must be above 0; ask for another size");
      }
      return shift;
    }
  }
}
