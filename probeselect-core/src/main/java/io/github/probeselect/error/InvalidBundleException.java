package io.github.probeselect.error;

/** A model bundle that is incomplete, damaged, too new or contradicts itself. */
public class InvalidBundleException extends ProbeSelectException {

  private static final long serialVersionUID = 1L;

  /** Creates an exception whose message states what is wrong, where, and how to fix it. */
  public InvalidBundleException(String message) {
    super(message);
  }

  /** Creates an exception with its cause. */
  public InvalidBundleException(String message, Throwable cause) {
    super(message, cause);
  }
}
