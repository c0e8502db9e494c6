package io.github.probeselect.djl;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Copies numbers from the Java heap into native arrays. {@code NDManager.create} allocates a native
 * buffer for each array, which only the garbage collector releases, and the collector does not take
 * native memory into account. Here one small buffer is reused.
 */
final class HeapNumbers {

  private static final int FLOATS = 1 << 15;

  private static final ThreadLocal<ByteBuffer> BUFFER =
      ThreadLocal.withInitial(
          () -> ByteBuffer.allocateDirect(FLOATS * Float.BYTES).order(ByteOrder.nativeOrder()));

  private HeapNumbers() {}

  /** A new array of these values, row-major, on the manager's device. */
  static NDArray copied(float[] values, Shape shape, NDManager manager) {
    if (shape.size() != values.length) {
      throw new IllegalArgumentException(values.length + " values for the shape " + shape);
    }
    NDList parts = new NDList();
    for (int from = 0, to; from < values.length; from = to) {
      to = Math.min(values.length, from + FLOATS);
      ByteBuffer buffer = BUFFER.get().clear();
      buffer.asFloatBuffer().put(values, from, to - from);
      buffer.limit((to - from) * Float.BYTES);
      Shape part = parts.isEmpty() && to == values.length ? shape : new Shape(to - from);
      try (NDArray inBuffer = manager.create(buffer, part, DataType.FLOAT32)) {
        parts.add(inBuffer.duplicate());
      }
    }
    if (parts.size() == 1) {
      return parts.get(0);
    }
    try (parts;
        NDArray joined = NDArrays.concat(parts)) {
      return joined.reshape(shape);
    }
  }
}
