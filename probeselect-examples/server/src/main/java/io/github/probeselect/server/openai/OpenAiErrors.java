package io.github.probeselect.server.openai;

import io.github.probeselect.server.web.BadRequestException;
import io.github.probeselect.server.web.ErrorBodies.ErrorForm;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** OpenAI's error object. */
@Component
final class OpenAiErrors implements ErrorForm {

  @Override
  public String path() {
    return "/v1/";
  }

  @Override
  public Object body(int status, BadRequestException error) {
    Map<String, @Nullable Object> object = new HashMap<>();
    object.put("message", error.getMessage());
    object.put("type", type(status));
    object.put("param", error.problems().isEmpty() ? null : error.problems().get(0).field());
    object.put("code", code(status, error));
    return Map.of("error", object);
  }

  private static String type(int status) {
    if (status == 429) {
      return "rate_limit_error";
    }
    return status >= 500 ? "server_error" : "invalid_request_error";
  }

  private static @Nullable String code(int status, BadRequestException error) {
    return switch (status) {
      case 400 -> error.problems().isEmpty() ? null : "invalid_value";
      case 404 -> "not_found";
      case 413 -> "request_too_large";
      case 429 -> "queue_full";
      default -> null;
    };
  }
}
