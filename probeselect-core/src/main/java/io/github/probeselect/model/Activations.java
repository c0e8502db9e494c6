package io.github.probeselect.model;

/**
 * The activations of some candidates, held in the backend's memory until closed. A probe of the
 * same backend reads them there; any other code reads copies through {@link #values}.
 */
public interface Activations extends AutoCloseable {

  /** The number of candidates. */
  int size();

  /**
   * Copies one candidate's activation to the heap.
   *
   * @param row which candidate, from 0 to {@code size() - 1}
   * @param tap the name of a tap
   * @return {@code channels * gridHeight * gridWidth} values, row-major
   * @throws io.github.probeselect.error.InvalidRequestException if there is no such row or tap
   */
  float[] values(int row, String tap);

  /** Releases what the backend holds. Closing twice is harmless. */
  @Override
  void close();
}
