package io.github.probeselect.error;

/** The tensor engine is missing, could not be loaded, or failed while running. */
public class BackendException extends ProbeSelectException {

  private static final long serialVersionUID = 1L;

  /** Creates an exception whose message states what is wrong, where, and how to fix it. */
  public BackendException(String message) {
    super(message);
  }

  /** Creates an exception with its cause. */
  public BackendException(String message, Throwable cause) {
    super(message, cause);
  }
}
