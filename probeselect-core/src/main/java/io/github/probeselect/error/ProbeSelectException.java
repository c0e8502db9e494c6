package io.github.probeselect.error;

/**
 * The base of every exception this library throws on purpose. The message says what was wrong,
 * where, and what to do.
 */
public class ProbeSelectException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  /** Creates an exception whose message says what was wrong, where, and what to do. */
  public ProbeSelectException(String message) {
    super(message);
  }

  /** Creates an exception with the failure underneath it. */
  public ProbeSelectException(String message, Throwable cause) {
    super(message, cause);
  }
}
