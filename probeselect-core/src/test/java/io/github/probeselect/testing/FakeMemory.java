package io.github.probeselect.testing;

import io.github.probeselect.error.DeviceMemoryException;
import java.util.OptionalLong;

/**
 * The memory of a fake device.
 *
 * @param rows for how many candidates in a denoiser call it suffices
 * @param measurable whether the device tells what is free
 */
record FakeMemory(int rows, boolean measurable) {

  private static final long BYTES_PER_ROW = 1 << 20;

  /** What calls have left free that took at most so many rows, in bytes. */
  OptionalLong free(int taken) {
    return measurable ? OptionalLong.of(BYTES_PER_ROW * (rows - taken)) : OptionalLong.empty();
  }

  void require(int wanted) {
    if (wanted > rows) {
      throw new DeviceMemoryException(
          "no memory for " + wanted + " rows",
          OptionalLong.of(BYTES_PER_ROW * wanted),
          new OutOfMemoryError());
    }
  }
}
