package io.github.probeselect.error;

/** A probe that is damaged or was trained for another bundle, tap or input shape. */
public class InvalidProbeException extends ProbeSelectException {

  private static final long serialVersionUID = 1L;

  /** Creates an exception whose message states what is wrong, where, and how to fix it. */
  public InvalidProbeException(String message) {
    super(message);
  }

  /** Creates an exception with its cause. */
  public InvalidProbeException(String message, Throwable cause) {
    super(message, cause);
  }
}
