package io.github.probeselect.error;

/** An invalid request or argument. */
public class InvalidRequestException extends ProbeSelectException {

  private static final long serialVersionUID = 1L;

  /** Creates an exception whose message states what is wrong, where, and how to fix it. */
  public InvalidRequestException(String message) {
    super(message);
  }

  /** Creates an exception with its cause. */
  public InvalidRequestException(String message, Throwable cause) {
    super(message, cause);
  }
}
