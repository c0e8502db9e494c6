package io.github.probeselect.error;

/** A calibration that is damaged, too new, contradicts itself or belongs to another model. */
public class InvalidCalibrationException extends ProbeSelectException {

  private static final long serialVersionUID = 1L;

  /** Creates an exception whose message states what is wrong, where, and how to fix it. */
  public InvalidCalibrationException(String message) {
    super(message);
  }

  /** Creates an exception with its cause. */
  public InvalidCalibrationException(String message, Throwable cause) {
    super(message, cause);
  }
}
