package io.github.probeselect.djl.network;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;

/**
 * Multiplication by a constant that is safe in a backward pass.
 *
 * <p>DJL's {@code mul(Number)} and {@code div(Number)} make an array of the number and close it as
 * soon as the product is there. Its memory, like that of every array that is made of Java numbers,
 * is a Java buffer, which the first garbage collection after the closing may free, while the
 * backward pass still reads it: gradients are then wrong now and then. Here the factor lies in
 * PyTorch's own memory, which the backward pass holds, also after the array was closed.
 */
public final class Scaling {

  private Scaling() {}

  /** The array times a number; belongs to the manager of the array. */
  public static NDArray times(NDArray array, double factor) {
    return array.mul(array.getManager().zeros(new Shape()).addi((float) factor));
  }
}
