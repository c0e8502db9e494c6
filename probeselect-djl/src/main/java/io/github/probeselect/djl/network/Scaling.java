package io.github.probeselect.djl.network;

import ai.djl.ndarray.NDArray;

/**
 * Multiplication by a number inside what is learned.
 *
 * <p>DJL's {@code mul(Number)} and {@code div(Number)} make an array of the number and close it as
 * soon as the product is there. Its memory is a Java buffer, which the next garbage collection may
 * free, while the backward pass still reads it: gradients are then wrong now and then. Here the
 * array lives as long as the manager of the product.
 */
public final class Scaling {

  private Scaling() {}

  /** The array times a number; belongs to the manager of the array. */
  public static NDArray times(NDArray array, double factor) {
    return array.mul(array.getManager().create((float) factor));
  }
}
