package io.github.probeselect.server.work;

/** The client closed its connection before its answer was there. */
public final class ClientGoneException extends RuntimeException {

  ClientGoneException() {
    super("the client has gone away");
  }
}
