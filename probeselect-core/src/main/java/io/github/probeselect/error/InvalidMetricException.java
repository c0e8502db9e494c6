package io.github.probeselect.error;

/** A metric directory that is incomplete, damaged, too new or contradicts itself. */
public class InvalidMetricException extends ProbeSelectException {

  private static final long serialVersionUID = 1L;

  /** Creates an exception whose message says what was wrong, where, and what to do. */
  public InvalidMetricException(String message) {
    super(message);
  }

  /** Creates an exception with the failure underneath it. */
  public InvalidMetricException(String message, Throwable cause) {
    super(message, cause);
  }
}
