package io.github.probeselect.server.web;

import java.io.IOException;
import org.apache.coyote.Adapter;
import org.apache.coyote.Processor;
import org.apache.coyote.Request;
import org.apache.coyote.http11.AbstractHttp11Protocol;
import org.apache.coyote.http11.Http11NioProtocol;
import org.apache.coyote.http11.Http11Processor;

/**
 * HTTP/1.1 as Tomcat speaks it, whose requests can be asked whether the client has closed its
 * connection. The servlet API learns that only when it writes.
 */
public final class ProbingProtocol extends Http11NioProtocol {

  /** Where a request keeps its processor; Tomcat's own notes begin at 0. */
  private static final int NOTE = 17;

  /** Called by Tomcat, by the name of the class. */
  public ProbingProtocol() {}

  @Override
  @SuppressWarnings("deprecation")
  protected Processor createProcessor() {
    return new ProbingProcessor(this, getAdapter());
  }

  /**
   * Whether the client of a request has closed its connection, or its half of it. Called on the
   * thread that handles the request.
   */
  static boolean isGone(Request request) {
    return request.getNote(NOTE) instanceof ProbingProcessor processor && processor.isGone();
  }

  private static final class ProbingProcessor extends Http11Processor {

    ProbingProcessor(AbstractHttp11Protocol<?> protocol, Adapter adapter) {
      super(protocol, adapter);
      request.setNote(NOTE, this);
    }

    /** Reads ahead what is there; bytes of a next request stay in the buffer of the socket. */
    boolean isGone() {
      try {
        var unused = getSocketWrapper().isReadyForRead();
        return false;
      } catch (IOException e) {
        return true;
      }
    }
  }
}
