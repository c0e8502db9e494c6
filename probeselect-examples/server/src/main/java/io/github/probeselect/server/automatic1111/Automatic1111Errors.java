package io.github.probeselect.server.automatic1111;

import io.github.probeselect.server.web.BadRequestException;
import io.github.probeselect.server.web.ErrorBodies.ErrorForm;
import java.util.List;
import java.util.Map;
import org.springframework.stereotype.Component;

/** The {@code detail} of AUTOMATIC1111: a text, or a list of the fields that are wrong. */
@Component
final class Automatic1111Errors implements ErrorForm {

  @Override
  public String path() {
    return "/sdapi/";
  }

  record Detail(List<String> loc, String msg, String type) {}

  @Override
  public Object body(int status, BadRequestException error) {
    return error.problems().isEmpty()
        ? Map.of("detail", String.valueOf(error.getMessage()))
        : Map.of(
            "detail",
            error.problems().stream()
                .map(
                    problem ->
                        new Detail(
                            List.of("body", problem.field()), problem.problem(), "value_error"))
                .toList());
  }

  @Override
  public int status(BadRequestException error) {
    return error.problems().isEmpty() ? error.status() : 422;
  }
}
