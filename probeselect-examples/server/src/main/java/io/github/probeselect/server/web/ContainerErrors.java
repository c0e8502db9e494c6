package io.github.probeselect.server.web;

import jakarta.servlet.RequestDispatcher;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.springframework.boot.webmvc.error.ErrorController;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/** Answers for the servlet container where a request fails before any controller sees it. */
@RestController
final class ContainerErrors implements ErrorController {

  private final ErrorBodies bodies;

  ContainerErrors(ErrorBodies bodies) {
    this.bodies = bodies;
  }

  @RequestMapping("/error")
  void answer(HttpServletRequest request, HttpServletResponse response) throws IOException {
    int status =
        request.getAttribute(RequestDispatcher.ERROR_STATUS_CODE) instanceof Integer given
            ? given
            : 404;
    bodies.write(
        request,
        response,
        new BadRequestException(
            status,
            status == 404
                ? "there is nothing at this address"
                : "the request cannot be answered (" + status + ")"));
  }
}
