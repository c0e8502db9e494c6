package io.github.probeselect.error;

/** A model bundle that is incomplete, damaged, too new or contradicts itself. */
public class InvalidBundleException extends ProbeSelectException {

  private static final long serialVersionUID = 1L;

  /** Creates an exception whose message says what was wrong, where, and what to do. */
  public InvalidBundleException(String message) {
    super(message);
  }

  /** Creates an exception with the failure underneath it. */
  public InvalidBundleException(String message, Throwable cause) {
    super(message, cause);
  }
}
