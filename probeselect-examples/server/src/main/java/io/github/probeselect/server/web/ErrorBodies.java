package io.github.probeselect.server.web;

import jakarta.servlet.RequestDispatcher;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Comparator;
import java.util.List;
import org.springframework.http.MediaType;
import org.springframework.stereotype.Component;
import tools.jackson.databind.json.JsonMapper;

/** Writes an error in the form of the API that was called. */
@Component
public final class ErrorBodies {

  private static final JsonMapper JSON = JsonMapper.builder().build();

  private final List<ErrorForm> forms;

  ErrorBodies(List<ErrorForm> forms) {
    this.forms =
        forms.stream()
            .sorted(Comparator.comparing((ErrorForm form) -> form.path().length()).reversed())
            .toList();
  }

  /** How an API writes errors. */
  public interface ErrorForm {

    /** With what the paths of the API begin. */
    String path();

    /** The body of an error, which Jackson writes. */
    Object body(int status, BadRequestException error);

    /** The status of an error. */
    default int status(BadRequestException error) {
      return error.status();
    }
  }

  void write(HttpServletRequest request, HttpServletResponse response, BadRequestException error)
      throws IOException {
    String path =
        request.getAttribute(RequestDispatcher.ERROR_REQUEST_URI) instanceof String failed
            ? failed
            : request.getRequestURI();
    ErrorForm form =
        forms.stream()
            .filter(candidate -> path.startsWith(candidate.path()))
            .findFirst()
            .orElseThrow(() -> new IllegalStateException("there is no form for " + path));
    response.setStatus(form.status(error));
    response.setContentType(MediaType.APPLICATION_JSON_VALUE);
    response.setCharacterEncoding("UTF-8");
    response
        .getOutputStream()
        .write(JSON.writeValueAsBytes(form.body(error.status(), writable(error))));
  }

  /** Half a surrogate pair, which a client can send, cannot be written in UTF-8. */
  private static BadRequestException writable(BadRequestException error) {
    return error.problems().isEmpty()
        ? new BadRequestException(error.status(), writable(String.valueOf(error.getMessage())))
        : new BadRequestException(
            error.problems().stream()
                .map(problem -> new FieldProblem(problem.field(), writable(problem.problem())))
                .toList());
  }

  private static String writable(String text) {
    return text.codePoints()
        .map(c -> c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE ? '?' : c)
        .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
        .toString();
  }
}
