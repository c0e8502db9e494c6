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

  /**
   * Creates a shape.
   *
   * @throws InvalidRequestException if a side is not positive
   */
  public LatentShape {
    if (channels < 1 || height < 1 || width < 1) {
      throw new InvalidRequestException(
          "a latent shape needs positive sides, got " + channels + "x" + height + "x" + width);
    }
  }

  /** The number of values: {@code channels * height * width}. */
  public int count() {
    return Math.multiplyExact(channels, Math.multiplyExact(height, width));
  }
}
