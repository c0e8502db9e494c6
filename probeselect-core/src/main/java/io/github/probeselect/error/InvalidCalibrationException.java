package io.github.probeselect.error;

/** A calibration that is damaged, too new, contradicts itself or belongs to another model. */
public class InvalidCalibrationException extends ProbeSelectException {

  private static final long serialVersionUID = 1L;

  /** Creates an exception whose message says what was wrong, where, and what to do. */
  public InvalidCalibrationException(String message) {
    super(message);
  }

  /** Creates an exception with the failure underneath it. */
  public InvalidCalibrationException(String message, Throwable cause) {
    super(message, cause);
  }
}
