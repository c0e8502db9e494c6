package io.github.probeselect.error;

/** A request, or an argument, that cannot be carried out as it stands. */
public class InvalidRequestException extends ProbeSelectException {

  private static final long serialVersionUID = 1L;

  /** Creates an exception whose message says what was wrong, where, and what to do. */
  public InvalidRequestException(String message) {
    super(message);
  }

  /** Creates an exception with the failure underneath it. */
  public InvalidRequestException(String message, Throwable cause) {
    super(message, cause);
  }
}
