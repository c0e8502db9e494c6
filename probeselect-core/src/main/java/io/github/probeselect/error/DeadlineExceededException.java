package io.github.probeselect.error;

/** The deadline of a generation passed before it was done. */
public class DeadlineExceededException extends GenerationCancelledException {

  private static final long serialVersionUID = 1L;

  /** Creates an exception whose message states what is wrong, where, and how to fix it. */
  public DeadlineExceededException(String message) {
    super(message);
  }
}
