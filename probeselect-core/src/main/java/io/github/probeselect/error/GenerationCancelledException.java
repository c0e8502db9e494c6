package io.github.probeselect.error;

/** The generation was cancelled, or its model closed, before it was done. */
public class GenerationCancelledException extends ProbeSelectException {

  private static final long serialVersionUID = 1L;

  /** Creates an exception whose message says what was wrong, where, and what to do. */
  public GenerationCancelledException(String message) {
    super(message);
  }

  /** Creates an exception with the failure underneath it. */
  public GenerationCancelledException(String message, Throwable cause) {
    super(message, cause);
  }
}
