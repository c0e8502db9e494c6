package io.github.probeselect.error;

/** A metric directory that is incomplete, damaged, too new or contradicts itself. */
public class InvalidMetricException extends ProbeSelectException {

  private static final long serialVersionUID = 1L;

  /** Creates an exception whose message states what is wrong, where, and how to fix it. */
  public InvalidMetricException(String message) {
    super(message);
  }

  /** Creates an exception with its cause. */
  public InvalidMetricException(String message, Throwable cause) {
    super(message, cause);
  }
}
