package io.github.probeselect.error;

/** The generation was cancelled, or its model closed, before it was done. */
public class GenerationCancelledException extends ProbeSelectException {

  private static final long serialVersionUID = 1L;

  /** Creates an exception whose message states what is wrong, where, and how to fix it. */
  public GenerationCancelledException(String message) {
    super(message);
  }

  /** Creates an exception with its cause. */
  public GenerationCancelledException(String message, Throwable cause) {
    super(message, cause);
  }
}
