package io.github.probeselect.server.web;

import io.github.probeselect.error.BackendException;
import io.github.probeselect.error.DeviceMemoryException;
import io.github.probeselect.error.GenerationCancelledException;
import io.github.probeselect.error.InvalidRequestException;
import io.github.probeselect.server.work.ClientGoneException;
import io.github.probeselect.server.work.QueueFullException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.web.ErrorResponse;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.RestControllerAdvice;
import org.springframework.web.context.request.async.AsyncRequestNotUsableException;
import org.springframework.web.method.annotation.MethodArgumentTypeMismatchException;

/** Answers with an error, never with a stack trace. */
@RestControllerAdvice
final class Errors {

  private static final Logger LOG = LoggerFactory.getLogger(Errors.class);

  private final ErrorBodies bodies;

  Errors(ErrorBodies bodies) {
    this.bodies = bodies;
  }

  @ExceptionHandler
  void badRequest(
      BadRequestException error, HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    bodies.write(request, response, error);
  }

  @ExceptionHandler
  void invalid(
      InvalidRequestException error, HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    answer(request, response, 400, String.valueOf(error.getMessage()));
  }

  @ExceptionHandler
  void full(QueueFullException error, HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    response.setHeader("Retry-After", Long.toString(error.retryAfterSeconds()));
    answer(request, response, 429, String.valueOf(error.getMessage()));
  }

  /** Nobody reads this answer; the status is what proxies write into their logs for it. */
  @ExceptionHandler
  void gone(ClientGoneException error, HttpServletResponse response) {
    response.setStatus(499);
  }

  @ExceptionHandler
  void gone(AsyncRequestNotUsableException error) {
    LOG.debug("a client has gone away: {}", error.getMessage());
  }

  @ExceptionHandler
  void cancelled(
      GenerationCancelledException error, HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    answer(request, response, 503, "the generation was cancelled");
  }

  @ExceptionHandler
  void memory(DeviceMemoryException error, HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    LOG.warn("out of device memory", error);
    answer(request, response, 503, "the device has not enough memory for this request");
  }

  @ExceptionHandler
  void backend(BackendException error, HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    LOG.error("the backend failed", error);
    answer(request, response, 500, "the generation failed; the log of the server has the cause");
  }

  @ExceptionHandler
  void unreadable(
      MethodArgumentTypeMismatchException error,
      HttpServletRequest request,
      HttpServletResponse response)
      throws IOException {
    bodies.write(request, response, new BadRequestException(error.getName(), "must be a number"));
  }

  @ExceptionHandler
  void other(Exception error, HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    if (error instanceof ErrorResponse known && known.getStatusCode().is4xxClientError()) {
      response.setStatus(known.getStatusCode().value());
      known
          .getHeaders()
          .forEach((name, values) -> values.forEach(value -> response.addHeader(name, value)));
      answer(request, response, known.getStatusCode().value(), reason(known, request));
      return;
    }
    LOG.error("a request failed", error);
    if (!response.isCommitted()) {
      answer(request, response, 500, "the server failed; its log has the cause");
    }
  }

  private void answer(
      HttpServletRequest request, HttpServletResponse response, int status, String message)
      throws IOException {
    bodies.write(request, response, new BadRequestException(status, message));
  }

  private static String reason(ErrorResponse error, HttpServletRequest request) {
    return switch (error.getStatusCode().value()) {
      case 404 -> "there is nothing at this address";
      case 405 -> "the method " + request.getMethod() + " is not supported here";
      default -> String.valueOf(error.getBody().getDetail());
    };
  }
}
