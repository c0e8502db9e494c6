package io.github.probeselect.bundle;

import io.github.probeselect.error.InvalidRequestException;

/**
 * The shape of one candidate's latents, in the order channels, height, width (row-major).
 *
 * @param channels latent channels
 * @param height rows of the latent grid
 * @param width columns of the latent grid
 */
public record LatentShape(int channels, int height, int width) {

  private static final int LARGEST = Integer.MAX_VALUE / Float.BYTES;

  /**
   * Creates a shape.
   *
   * @throws InvalidRequestException if a side is not positive, or there are more values than an
   *     array of floats of less than 2 GiB holds
   */
  public LatentShape {
    if (channels < 1 || height < 1 || width < 1) {
      throw new InvalidRequestException(
          "a latent shape needs positive sides, got " + channels + "x" + height + "x" + width);
    }
    // Two sides fit into a long, three may not.
    if ((long) height * width > LARGEST / channels) {
      throw new InvalidRequestException(
          "latents of "
              + channels
              + "x"
              + height
              + "x"
              + width
              + " take 2 GiB or more; give a smaller size");
    }
  }

  /** The number of values: {@code channels * height * width}. */
  public int count() {
    return channels * height * width;
  }
}
