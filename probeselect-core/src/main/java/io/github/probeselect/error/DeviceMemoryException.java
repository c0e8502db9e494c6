package io.github.probeselect.error;

import java.util.OptionalLong;

/**
 * The device ran out of memory. Calls with several candidates are done again with fewer before this
 * is thrown, so what failed needed the memory for a single candidate or image.
 */
public class DeviceMemoryException extends BackendException {

  private static final long serialVersionUID = 1L;

  /** Negative if it is unknown. */
  private final long requestedBytes;

  /**
   * Creates an exception with its cause.
   *
   * @param requestedBytes the size of the allocation that failed, in bytes; empty if it is unknown
   */
  public DeviceMemoryException(String message, OptionalLong requestedBytes, Throwable cause) {
    super(message, cause);
    this.requestedBytes = requestedBytes.orElse(-1);
  }

  /**
   * The size of the allocation that failed, in bytes, which is the memory that was missing at the
   * most; empty if the engine does not report it.
   */
  public OptionalLong requestedBytes() {
    return requestedBytes < 0 ? OptionalLong.empty() : OptionalLong.of(requestedBytes);
  }
}
