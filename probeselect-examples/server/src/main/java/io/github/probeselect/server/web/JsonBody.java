package io.github.probeselect.server.web;

import io.github.probeselect.server.ServerProperties;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.io.InputStream;
import org.springframework.http.InvalidMediaTypeException;
import org.springframework.http.MediaType;
import org.springframework.stereotype.Component;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Reads the JSON object that a request consists of. */
@Component
public final class JsonBody {

  private static final JsonMapper JSON =
      JsonMapper.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  private final int limit;

  JsonBody(ServerProperties properties) {
    limit = Math.toIntExact(properties.limits().body().toBytes());
  }

  /** Reads the fields of a request. */
  public Fields read(HttpServletRequest request) throws IOException {
    byte[] bytes = bytes(request);
    requireJson(request.getContentType());
    JsonNode json;
    try {
      json = JSON.readTree(bytes);
    } catch (JacksonException e) {
      String where =
          e.getLocation() == null
              ? ""
              : " at line "
                  + e.getLocation().getLineNr()
                  + ", column "
                  + e.getLocation().getColumnNr();
      throw new BadRequestException(
          400, "the body is not valid JSON" + where + ": " + e.getOriginalMessage());
    }
    if (json == null || !json.isObject()) {
      throw new BadRequestException(400, "the body must be a JSON object");
    }
    return new Fields(json);
  }

  private byte[] bytes(HttpServletRequest request) throws IOException {
    try (InputStream stream = request.getInputStream()) {
      byte[] bytes =
          request.getContentLengthLong() > limit ? new byte[0] : stream.readNBytes(limit + 1);
      if (bytes.length > limit || request.getContentLengthLong() > limit) {
        throw new BadRequestException(
            413, "the body is larger than the " + limit + " bytes that this server reads");
      }
      return bytes;
    }
  }

  /** Forms of other sites, which browsers send without asking, cannot have this type. */
  private static void requireJson(@org.jspecify.annotations.Nullable String contentType) {
    try {
      if (contentType != null
          && MediaType.APPLICATION_JSON.isCompatibleWith(MediaType.parseMediaType(contentType))) {
        return;
      }
    } catch (InvalidMediaTypeException e) {
      // The answer is the same.
    }
    throw new BadRequestException(415, "the Content-Type must be application/json");
  }
}
