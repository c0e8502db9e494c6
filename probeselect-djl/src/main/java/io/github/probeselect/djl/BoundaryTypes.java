package io.github.probeselect.djl;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;

/**
 * The data types that may cross the boundary between Java and PyTorch: 32-bit floats and 64-bit
 * integers.
 *
 * <p>An array of type {@link DataType#BFLOAT16} ends the Java process without an exception as soon
 * as DJL creates, copies or converts it. The output of a module is therefore checked here before
 * DJL touches its values; reading an array's type is safe, and gives {@link DataType#UNKNOWN} for
 * it. Other types would be harmless but are not used.
 */
final class BoundaryTypes {

  private BoundaryTypes() {}

  /**
   * Checks that {@code array} may cross the boundary.
   *
   * @param what the name of the array in the message
   * @throws IllegalArgumentException if it may not
   */
  static void check(NDArray array, String what) {
    DataType type = array.getDataType();
    if (type == DataType.BFLOAT16 || type == DataType.UNKNOWN) {
      throw new IllegalArgumentException(
          what
              + " is bfloat16 or another type that Java cannot read; convert it to float32 inside the module");
    }
    if (type != DataType.FLOAT32 && type != DataType.INT64) {
      throw new IllegalArgumentException(
          what + " is of type " + type + ", but only FLOAT32 and INT64 can be used");
    }
  }
}
