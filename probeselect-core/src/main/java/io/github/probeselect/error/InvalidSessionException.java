package io.github.probeselect.error;

/** A saved session that is damaged, too new, or was saved with another model. */
public class InvalidSessionException extends ProbeSelectException {

  private static final long serialVersionUID = 1L;

  /** Creates an exception whose message states what is wrong, where, and how to fix it. */
  public InvalidSessionException(String message) {
    super(message);
  }

  /** Creates an exception with its cause. */
  public InvalidSessionException(String message, Throwable cause) {
    super(message, cause);
  }
}
