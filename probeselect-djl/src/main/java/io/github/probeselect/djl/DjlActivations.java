package io.github.probeselect.djl;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.github.probeselect.error.BackendException;
import io.github.probeselect.error.InvalidRequestException;
import io.github.probeselect.model.Activations;
import java.util.Map;

/** Activations that stay on the device until closed. */
final class DjlActivations implements Activations {

  private final NativeArena arena;
  private final NDManager owner;
  private final int size;
  private final Map<String, NDArray> taps;

  /**
   * Takes ownership of {@code owner}, which holds the arrays.
   *
   * @param taps for the name of each tap an array {@code [size, channels, gridHeight, gridWidth]}
   */
  DjlActivations(NativeArena arena, NDManager owner, int size, Map<String, NDArray> taps) {
    this.arena = arena;
    this.owner = owner;
    this.size = size;
    this.taps = Map.copyOf(taps);
  }

  /**
   * The activations of all candidates at one tap, {@code [size, channels, gridHeight, gridWidth]}.
   * To be called on the worker; the array stays the property of these activations.
   *
   * @throws InvalidRequestException if there is no such tap
   * @throws BackendException if they are closed
   */
  NDArray tap(String name) {
    if (!owner.isOpen()) {
      throw new BackendException(
          "the activations are closed; read them before closing the capture");
    }
    NDArray tap = taps.get(name);
    if (tap == null) {
      throw new InvalidRequestException(
          "there is no tap '" + name + "'; there are " + taps.keySet());
    }
    return tap;
  }

  @Override
  public int size() {
    return size;
  }

  @Override
  public float[] values(int row, String tap) {
    if (row < 0 || row >= size) {
      throw new InvalidRequestException("there is no row " + row + " in " + size + " activations");
    }
    return arena.call(
        "reading activations",
        temporary -> {
          NDArray values = tap(tap).get(row);
          values.attach(temporary);
          return values.toFloatArray();
        });
  }

  @Override
  public void close() {
    arena.release(owner);
  }
}
