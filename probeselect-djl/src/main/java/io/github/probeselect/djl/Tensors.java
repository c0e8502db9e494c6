package io.github.probeselect.djl;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** Tensors in messages. */
final class Tensors {

  private Tensors() {}

  /** Types and shapes, such as {@code float32 [2, 4], int64 [2]}. */
  static String describe(List<NDArray> tensors) {
    return tensors.stream()
        .map(
            tensor ->
                tensor.getDataType().name().toLowerCase(Locale.ROOT)
                    + " "
                    + describe(tensor.getShape()))
        .collect(Collectors.joining(", "));
  }

  /** A shape, such as {@code [2, 4]}. */
  static String describe(Shape shape) {
    return Arrays.toString(shape.getShape());
  }
}
