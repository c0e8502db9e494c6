package io.github.probeselect.server.web;

import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletRequestWrapper;
import jakarta.servlet.http.HttpServletRequest;
import java.util.function.BooleanSupplier;
import org.apache.coyote.Request;

/** The connection to the client of a request. */
public final class Connection implements BooleanSupplier {

  private static final String ATTRIBUTE = Connection.class.getName();

  private final Request request;

  private Connection(Request request) {
    this.request = request;
  }

  /** Is called for each request before the filters. */
  static void attach(org.apache.catalina.connector.Request request) {
    request.setAttribute(ATTRIBUTE, new Connection(request.getCoyoteRequest()));
  }

  /** That of a request, on the thread that handles it. */
  public static BooleanSupplier of(HttpServletRequest request) {
    ServletRequest innermost = request;
    while (innermost instanceof ServletRequestWrapper wrapper) {
      innermost = wrapper.getRequest();
    }
    return innermost.getAttribute(ATTRIBUTE) instanceof Connection connection
        ? connection
        : () -> false;
  }

  /** Whether the client has gone away. */
  @Override
  public boolean getAsBoolean() {
    return ProbingProtocol.isGone(request);
  }
}
