package io.github.probeselect.spring.boot;

import io.github.probeselect.error.ProbeSelectException;
import java.util.Objects;

/** What the properties ask for could not be opened. */
final class OpeningException extends ProbeSelectException {

  private static final long serialVersionUID = 1L;

  private final String property;

  /**
   * Creates an exception.
   *
   * @param what could not be opened
   * @param property that asks for it
   */
  OpeningException(String what, String property, ProbeSelectException cause) {
    super(what + " (" + property + "): " + cause.getMessage(), cause);
    this.property = property;
  }

  /** The property, with the value that it has. */
  String property() {
    return property;
  }

  /** Why it could not be opened. */
  Throwable reason() {
    return Objects.requireNonNull(getCause());
  }
}
