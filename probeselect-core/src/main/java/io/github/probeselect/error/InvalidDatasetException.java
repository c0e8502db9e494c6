package io.github.probeselect.error;

/** A collected dataset that is damaged, of another model, or unsuitable for the operation. */
public class InvalidDatasetException extends ProbeSelectException {

  private static final long serialVersionUID = 1L;

  /** Creates an exception whose message states what is wrong, where, and how to fix it. */
  public InvalidDatasetException(String message) {
    super(message);
  }

  /** Creates an exception with its cause. */
  public InvalidDatasetException(String message, Throwable cause) {
    super(message, cause);
  }
}
