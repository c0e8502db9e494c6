package io.github.probeselect.server.web;

import io.github.probeselect.server.ServerProperties;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.net.URI;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.stereotype.Component;
import org.springframework.web.filter.OncePerRequestFilter;

/**
 * Sets the headers that keep a browser safe, and refuses requests that a page of another site makes
 * through a browser: those whose {@code Host} is a name that points here without belonging here
 * (DNS rebinding), and those whose {@code Origin} is another page.
 */
@Component
@Order(Ordered.HIGHEST_PRECEDENCE)
final class GuardFilter extends OncePerRequestFilter {

  private static final String POLICY =
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:;"
          + " connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

  private final Set<String> hosts = new HashSet<>(List.of("localhost", "127.0.0.1", "[::1]"));
  private final ErrorBodies errors;

  GuardFilter(ServerProperties properties, ErrorBodies errors) {
    properties.allowedHosts().forEach(host -> hosts.add(host.toLowerCase(Locale.ROOT)));
    this.errors = errors;
  }

  @Override
  protected void doFilterInternal(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws ServletException, IOException {
    response.setHeader("Content-Security-Policy", POLICY);
    response.setHeader("X-Content-Type-Options", "nosniff");
    response.setHeader("X-Frame-Options", "DENY");
    response.setHeader("Referrer-Policy", "no-referrer");
    response.setHeader("Cross-Origin-Resource-Policy", "same-origin");
    response.setHeader("Cross-Origin-Opener-Policy", "same-origin");
    String host = request.getHeader("Host");
    if (host == null || !hosts.contains(name(host))) {
      errors.write(
          request,
          response,
          new BadRequestException(
              403,
              "this server does not answer to that Host; add the name to"
                  + " probeselect.server.allowed-hosts if it is yours"));
    } else if (isForeign(request.getHeader("Origin"), host)
        || ("cross-site".equals(request.getHeader("Sec-Fetch-Site")) && isChange(request))) {
      errors.write(
          request, response, new BadRequestException(403, "requests of other sites are refused"));
    } else {
      chain.doFilter(request, response);
    }
  }

  private static boolean isChange(HttpServletRequest request) {
    return !request.getMethod().equals("GET") && !request.getMethod().equals("HEAD");
  }

  /** The host without the port, in lower case. */
  private static String name(String host) {
    int port = host.lastIndexOf(':');
    return (port > host.lastIndexOf(']') ? host.substring(0, port) : host).toLowerCase(Locale.ROOT);
  }

  private static boolean isForeign(@Nullable String origin, String host) {
    if (origin == null) {
      return false;
    }
    try {
      return !host.equalsIgnoreCase(URI.create(origin).getAuthority());
    } catch (IllegalArgumentException e) {
      return true;
    }
  }
}
