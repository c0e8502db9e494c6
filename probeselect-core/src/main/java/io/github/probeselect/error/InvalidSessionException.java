package io.github.probeselect.error;

/** A saved session that is damaged, too new, or was begun on another model. */
public class InvalidSessionException extends ProbeSelectException {

  private static final long serialVersionUID = 1L;

  /** Creates an exception whose message says what was wrong, where, and what to do. */
  public InvalidSessionException(String message) {
    super(message);
  }

  /** Creates an exception with the failure underneath it. */
  public InvalidSessionException(String message, Throwable cause) {
    super(message, cause);
  }
}
