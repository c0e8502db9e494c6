package io.github.probeselect.error;

/** The deadline of a generation came before it was done. */
public class DeadlineExceededException extends GenerationCancelledException {

  private static final long serialVersionUID = 1L;

  /** Creates an exception whose message says what was wrong, where, and what to do. */
  public DeadlineExceededException(String message) {
    super(message);
  }
}
