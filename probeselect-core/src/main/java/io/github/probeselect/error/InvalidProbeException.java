package io.github.probeselect.error;

/** A probe that is damaged or was trained for another bundle, tap or input shape. */
public class InvalidProbeException extends ProbeSelectException {

  private static final long serialVersionUID = 1L;

  /** Creates an exception whose message says what was wrong, where, and what to do. */
  public InvalidProbeException(String message) {
    super(message);
  }

  /** Creates an exception with the failure underneath it. */
  public InvalidProbeException(String message, Throwable cause) {
    super(message, cause);
  }
}
