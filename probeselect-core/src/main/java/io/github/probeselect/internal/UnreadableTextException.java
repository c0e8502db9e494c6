package io.github.probeselect.internal;

import io.github.probeselect.error.InvalidRequestException;

/** A text that a tokenizer cannot read, named by its part in a request as far as that is known. */
public final class UnreadableTextException extends InvalidRequestException {

  private static final long serialVersionUID = 1L;

  private final String name;
  private final String reason;

  /**
   * Creates an exception about a text whose part is not known.
   *
   * @param reason what is wrong with it and how to fix it, to follow the name of the text
   */
  public UnreadableTextException(String reason) {
    this("text", reason);
  }

  private UnreadableTextException(String name, String reason) {
    super("the " + name + " " + reason);
    this.name = name;
    this.reason = reason;
  }

  /** What the text is called, such as {@code prompt}. */
  public String name() {
    return name;
  }

  /** The same about a text that has a name. */
  public UnreadableTextException named(String other) {
    UnreadableTextException renamed = new UnreadableTextException(other, reason);
    renamed.initCause(this);
    return renamed;
  }
}
