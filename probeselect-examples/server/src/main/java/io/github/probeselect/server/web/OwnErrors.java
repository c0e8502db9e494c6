package io.github.probeselect.server.web;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.github.probeselect.server.web.ErrorBodies.ErrorForm;
import java.util.List;
import org.springframework.stereotype.Component;

/** The errors of the page's own API, and of what belongs to no API. */
@Component
final class OwnErrors implements ErrorForm {

  @JsonInclude(JsonInclude.Include.NON_EMPTY)
  record Body(int status, String message, List<FieldProblem> fields) {}

  @Override
  public String path() {
    return "/";
  }

  @Override
  public Object body(int status, BadRequestException error) {
    return new Body(status, String.valueOf(error.getMessage()), error.problems());
  }
}
