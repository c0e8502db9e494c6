package io.github.probeselect.error;

/** A collected dataset that is damaged, of another model, or unfit for what is asked of it. */
public class InvalidDatasetException extends ProbeSelectException {

  private static final long serialVersionUID = 1L;

  /** Creates an exception whose message says what was wrong, where, and what to do. */
  public InvalidDatasetException(String message) {
    super(message);
  }

  /** Creates an exception with the failure underneath it. */
  public InvalidDatasetException(String message, Throwable cause) {
    super(message, cause);
  }
}
