package io.github.probeselect.noise;

import io.github.probeselect.error.InvalidRequestException;
import io.github.probeselect.internal.Arguments;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * The noise that a trajectory starts from: that of a seed, or noise near it. Immutable.
 *
 * @param seed any value, of which only the low 32 bits have an effect
 * @param variations the interpolations from the noise of the seed to this one; empty for the noise
 *     of the seed itself
 */
public record StartingNoise(long seed, List<Variation> variations) {

  /** Copies the list. */
  public StartingNoise {
    variations = Arguments.requireAll("variations", variations);
  }

  /**
   * An interpolation towards the noise of another seed, as in other image tools: "variation seed"
   * and "variation seed strength".
   *
   * @param seed the seed of the other noise
   * @param strength the angle in units of a right angle, in (0, 1]; 1 gives the other noise
   */
  public record Variation(long seed, double strength) {

    /**
     * Checks the range.
     *
     * @throws InvalidRequestException if the strength is outside (0, 1]
     */
    public Variation {
      if (!(strength > 0 && strength <= 1)) {
        throw new InvalidRequestException(
            String.format(
                Locale.ROOT, "a variation strength of %s; it is above 0 and at most 1", strength));
      }
    }
  }

  /**
   * The part of a seed that has an effect: its low 32 bits, as in PyTorch. Seeds that differ by a
   * multiple of 2^32 give the same noise.
   *
   * @return from 0 to 2^32 - 1
   */
  public static long effective(long seed) {
    return Integer.toUnsignedLong((int) seed);
  }

  /**
   * The same noise in its shortest form: with seeds from 0 to 2^32 - 1, and without the steps
   * before a variation of strength 1. Two noises are the same if these are equal.
   */
  public StartingNoise effective() {
    StartingNoise shortest = of(effective(seed));
    for (Variation variation : variations) {
      long towards = effective(variation.seed);
      shortest =
          variation.strength == 1 ? of(towards) : shortest.varied(towards, variation.strength);
    }
    return shortest;
  }

  /** The noise of a seed. */
  public static StartingNoise of(long seed) {
    return new StartingNoise(seed, List.of());
  }

  /**
   * Noise near this one.
   *
   * @param variationSeed the seed of the other noise
   * @param strength the angle in units of a right angle, in (0, 1]
   * @throws InvalidRequestException if the strength is out of range
   */
  public StartingNoise varied(long variationSeed, double strength) {
    List<Variation> longer = new ArrayList<>(variations);
    longer.add(new Variation(variationSeed, strength));
    return new StartingNoise(seed, longer);
  }

  /**
   * Draws it. Every variation rotates the noise by the angle {@code strength * pi / 2} towards that
   * of its seed:
   *
   * <pre>{@code
   * noise = cos(angle) * noise + sin(angle) * other
   * }</pre>
   *
   * <p>The sum of the squared weights is one, so the result is standard normal again.
   *
   * @param count the number of values
   * @return a new array; without variations that of {@link TorchNoise#gaussian}
   */
  public float[] values(int count) {
    float[] noise = TorchNoise.gaussian(seed, count);
    for (Variation variation : variations) {
      float[] other = TorchNoise.gaussian(variation.seed, count);
      double angle = variation.strength * Math.PI / 2;
      float own = (float) StrictMath.cos(angle);
      float share = (float) StrictMath.sin(angle);
      for (int i = 0; i < count; i++) {
        noise[i] = own * noise[i] + share * other[i];
      }
    }
    return noise;
  }
}
