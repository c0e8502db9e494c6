package io.github.probeselect.noise;

import io.github.probeselect.error.InvalidRequestException;

/**
 * Standard normal noise with the numbers that PyTorch draws on a CPU:
 *
 * <pre>{@code
 * torch.randn(count, generator=torch.Generator("cpu").manual_seed(seed), dtype=torch.float32)
 * }</pre>
 *
 * <p>A tensor of any shape takes its numbers in row-major order, so {@code count} is the product of
 * its dimensions. The numbers depend on {@code count}, not only on the seed: fewer than sixteen are
 * drawn one by one in double precision, more in blocks of sixteen in single precision. PyTorch's
 * vectorised logarithm and sine differ from the correctly rounded ones in the last bits, hence the
 * agreement is to about 1e-6 and not bit for bit. On the Java side the numbers are the same bits on
 * every platform.
 *
 * <p>The methods are pure functions and safe for use by several threads.
 */
public final class TorchNoise {

  private static final int BLOCK = 16;
  private static final int HALF_BLOCK = BLOCK / 2;
  private static final float TWO_PI = 2f * (float) Math.PI;

  private TorchNoise() {}

  /**
   * Returns {@code count} standard normal numbers.
   *
   * @param seed any value; the generator is seeded by its low 32 bits, as in PyTorch, so that seeds
   *     which differ in the high bits only give the same noise
   * @param count how many numbers, 0 or more
   * @return a new array
   * @throws InvalidRequestException if {@code count} is negative
   */
  public static float[] gaussian(long seed, int count) {
    if (count < 0) {
      throw new InvalidRequestException(
          "the number of noise values must not be negative, got " + count);
    }
    var random = new MersenneTwister((int) seed);
    return count < BLOCK ? oneByOne(random, count) : inBlocks(random, count);
  }

  /**
   * The Box-Muller transform in double precision; each pair of uniform numbers gives two normal
   * ones, the second of which waits for the next call.
   */
  private static float[] oneByOne(MersenneTwister random, int count) {
    float[] noise = new float[count];
    for (int i = 0; i < count; i += 2) {
      double angle = 2 * Math.PI * random.nextDouble();
      double radius = StrictMath.sqrt(-2 * StrictMath.log1p(-random.nextDouble()));
      noise[i] = (float) (radius * StrictMath.cos(angle));
      if (i + 1 < count) {
        noise[i + 1] = (float) (radius * StrictMath.sin(angle));
      }
    }
    return noise;
  }

  /**
   * All uniform numbers first, then each block of sixteen transformed in place. A last incomplete
   * block is not transformed: the last sixteen numbers are drawn anew, which replaces some of the
   * block before as well.
   */
  private static float[] inBlocks(MersenneTwister random, int count) {
    float[] noise = new float[count];
    for (int i = 0; i < count; i++) {
      noise[i] = random.nextFloat();
    }
    for (int from = 0; from + BLOCK <= count; from += BLOCK) {
      transformBlock(noise, from);
    }
    if (count % BLOCK != 0) {
      int from = count - BLOCK;
      for (int i = from; i < count; i++) {
        noise[i] = random.nextFloat();
      }
      transformBlock(noise, from);
    }
    return noise;
  }

  /** The Box-Muller transform in single precision of uniform number j with number j + 8. */
  private static void transformBlock(float[] values, int from) {
    for (int i = from; i < from + HALF_BLOCK; i++) {
      // 1 - u lies in (0, 1], where the logarithm is finite.
      float radius = (float) StrictMath.sqrt(-2f * (float) StrictMath.log(1f - values[i]));
      float angle = TWO_PI * values[i + HALF_BLOCK];
      values[i] = radius * (float) StrictMath.cos(angle);
      values[i + HALF_BLOCK] = radius * (float) StrictMath.sin(angle);
    }
  }
}
