package io.github.probeselect.error;

/**
 * The base class of all exceptions of this library. The message states what is wrong, where, and
 * how to fix it.
 */
public class ProbeSelectException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  /** Creates an exception whose message states what is wrong, where, and how to fix it. */
  public ProbeSelectException(String message) {
    super(message);
  }

  /** Creates an exception with its cause. */
  public ProbeSelectException(String message, Throwable cause) {
    super(message, cause);
  }
}
