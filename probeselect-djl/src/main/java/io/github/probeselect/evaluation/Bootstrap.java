package io.github.probeselect.evaluation;

import io.github.probeselect.error.InvalidRequestException;
import java.lang.ref.SoftReference;
import java.util.Arrays;
import java.util.Random;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/**
 * Percentile bootstrap: the estimate is repeated on many random resamples of the prompts, drawn
 * with replacement, and the interval spans the middle 95% of the results (Efron and Tibshirani, "An
 * Introduction to the Bootstrap" (1993), section 13.3).
 *
 * <p>Prompts are resampled, not images, because the images of one prompt are not independent of
 * each other. Pure functions: the same seed gives the same interval on every platform. Safe for use
 * by several threads.
 */
public final class Bootstrap {

  /** A number of resamples at which the ends depend little on the seed. */
  public static final int RESAMPLES = 10_000;

  private static volatile @Nullable SoftReference<Draws> last;

  private Bootstrap() {}

  /**
   * Returns the mean with its interval. For a paired comparison pass the difference of each prompt.
   *
   * @param perPrompt one finite value per prompt, at least one
   * @param resamples how many resamples to draw, at least 1
   * @param seed of the resampling
   * @return the mean between the ends of its 95% interval
   * @throws InvalidRequestException if there are no values, a value is not finite, or {@code
   *     resamples} is not positive
   */
  public static Interval mean(double[] perPrompt, int resamples, long seed) {
    requireFinite("values", perPrompt);
    return interval(
        perPrompt.length,
        resamples,
        seed,
        prompts -> {
          double sum = 0;
          for (int prompt : prompts) {
            sum += perPrompt[prompt];
          }
          return sum / prompts.length;
        });
  }

  /**
   * Returns the ratio of two sums over prompts with its interval: {@code sum(numerators) /
   * sum(denominators)}. Unlike a mean of ratios it is not dominated by prompts whose denominator is
   * close to zero. Resamples whose denominators add up to zero are left out; if those of all
   * prompts do, everything is NaN.
   *
   * @param numerators one finite value per prompt, at least one
   * @param denominators as many finite values
   * @param resamples how many resamples to draw, at least 1
   * @param seed of the resampling
   * @return the ratio between the ends of its 95% interval
   * @throws InvalidRequestException if there are no values, the lengths differ, a value is not
   *     finite, or {@code resamples} is not positive
   */
  public static Interval ratio(
      double[] numerators, double[] denominators, int resamples, long seed) {
    requireFinite("numerators", numerators);
    requireFinite("denominators", denominators);
    if (numerators.length != denominators.length) {
      throw new InvalidRequestException(
          "a ratio needs a numerator and a denominator per prompt, got "
              + numerators.length
              + " and "
              + denominators.length);
    }
    return interval(
        numerators.length,
        resamples,
        seed,
        prompts -> {
          double above = 0;
          double below = 0;
          for (int prompt : prompts) {
            above += numerators[prompt];
            below += denominators[prompt];
          }
          return below == 0 ? Double.NaN : above / below;
        });
  }

  private static Interval interval(
      int prompts, int resamples, long seed, ToDoubleFunction<int[]> estimate) {
    if (resamples < 1) {
      throw new InvalidRequestException("at least 1 resample is needed, got " + resamples);
    }
    int[] drawn = new int[prompts];
    Arrays.setAll(drawn, prompt -> prompt);
    double value = estimate.applyAsDouble(drawn);
    if (Double.isNaN(value)) {
      return Interval.undefined();
    }
    double[] sorted =
        Arrays.stream(draws(prompts, resamples, seed).prompts)
            .mapToDouble(estimate)
            .filter(e -> !Double.isNaN(e))
            .sorted()
            .toArray();
    if (sorted.length == 0) {
      return new Interval(value, Double.NaN, Double.NaN);
    }
    return new Interval(value, quantile(sorted, 0.025), quantile(sorted, 0.975));
  }

  /** The draws of a seed; cached, as all figures of an evaluation use the same. */
  private static Draws draws(int prompts, int resamples, long seed) {
    SoftReference<Draws> reference = last;
    Draws kept = reference == null ? null : reference.get();
    if (kept != null && kept.fits(prompts, resamples, seed)) {
      return kept;
    }
    var random = new Random(seed);
    int[][] drawn = new int[resamples][prompts];
    for (int[] resample : drawn) {
      Arrays.setAll(resample, prompt -> random.nextInt(prompts));
    }
    Draws draws = new Draws(seed, drawn);
    last = new SoftReference<>(draws);
    return draws;
  }

  /** Resamples of prompts; never changed. */
  private static final class Draws {
    private final long seed;
    private final int[][] prompts;

    Draws(long seed, int[][] prompts) {
      this.seed = seed;
      this.prompts = prompts;
    }

    boolean fits(int count, int resamples, long otherSeed) {
      return seed == otherSeed && prompts.length == resamples && prompts[0].length == count;
    }
  }

  /** Linear between the two nearest of the sorted values. */
  private static double quantile(double[] sorted, double share) {
    double place = share * (sorted.length - 1);
    int below = (int) place;
    int above = Math.min(below + 1, sorted.length - 1);
    return sorted[below] + (place - below) * (sorted[above] - sorted[below]);
  }

  private static void requireFinite(String name, double[] values) {
    if (values.length == 0) {
      throw new InvalidRequestException("the " + name + " of at least one prompt are needed");
    }
    for (int prompt = 0; prompt < values.length; prompt++) {
      if (!Double.isFinite(values[prompt])) {
        throw new InvalidRequestException(
            "the "
                + name
                + " must be finite, got "
                + values[prompt]
                + " for prompt "
                + prompt
                + "; leave such prompts out and report their number");
      }
    }
  }
}
