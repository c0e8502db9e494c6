package io.github.probeselect.server.openai;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import io.github.probeselect.Pipeline;
import io.github.probeselect.server.web.BadRequestException;
import io.github.probeselect.server.web.Connection;
import io.github.probeselect.server.web.Fields;
import io.github.probeselect.server.web.JsonBody;
import io.github.probeselect.server.work.ImageRequest;
import io.github.probeselect.server.work.ImageService;
import io.github.probeselect.server.work.ImageService.Identity;
import io.github.probeselect.server.work.Images;
import io.github.probeselect.server.work.RequestReader;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/** What OpenAI's clients call. */
@RestController
@RequestMapping("/v1")
final class OpenAiController {

  private static final RequestReader.Names NAMES =
      new RequestReader.Names(
          "n", "seed", "num_inference_steps", "guidance_scale", "negative_prompt");

  private final Pipeline pipeline;
  private final JsonBody body;
  private final RequestReader reader;
  private final ImageService service;
  private final long started = Instant.now().getEpochSecond();

  OpenAiController(Pipeline pipeline, JsonBody body, RequestReader reader, ImageService service) {
    this.pipeline = pipeline;
    this.body = body;
    this.reader = reader;
    this.service = service;
  }

  /** The answer; fields that OpenAI does not have come last. */
  @JsonInclude(JsonInclude.Include.NON_EMPTY)
  record Answer(
      long created,
      List<Datum> data,
      @JsonProperty("output_format") String outputFormat,
      String size,
      String model,
      int candidates,
      @JsonProperty("share_of_full_runs") double share,
      List<String> warnings) {}

  @JsonInclude(JsonInclude.Include.NON_NULL)
  record Datum(
      @JsonProperty("b64_json") String base64,
      long seed,
      @Nullable Double score,
      @JsonProperty("final_score") @Nullable Double finalScore,
      int rank,
      String outcome) {}

  @PostMapping("/images/generations")
  Answer generate(HttpServletRequest http) throws IOException {
    Fields fields = body.read(http);
    ImageRequest request = request(fields);
    String user = fields.text("user").orElse("");
    Identity identity = identity(http, request, user);
    Images images = service.generate(request, identity, Connection.of(http));
    List<String> warnings = new ArrayList<>(images.warnings());
    fields
        .unknown()
        .forEach(name -> warnings.add("the field '" + name + "' is not known and had no effect"));
    return new Answer(
        Instant.now().getEpochSecond(),
        images.images().stream().map(OpenAiController::datum).toList(),
        "png",
        images.settings().width() + "x" + images.settings().height(),
        images.settings().bundle(),
        images.candidates(),
        images.share(),
        warnings);
  }

  private ImageRequest request(Fields fields) {
    fields.text("model");
    fields.ignore("quality", "style", "background", "moderation", "output_compression");
    oneOf(fields, "response_format", List.of("b64_json", "url"));
    oneOf(fields, "output_format", List.of("png"));
    if (fields.flag("stream", false)) {
      fields.wrong("stream", "is not supported; it must be false");
    }
    fields.whole("partial_images", 0, 0, 0);
    int keep = reader.keep(fields, NAMES.keep());
    return reader.read(fields, NAMES, reader.size(fields, "size"), keep);
  }

  private static void oneOf(Fields fields, String name, List<String> allowed) {
    Optional<String> value = fields.text(name);
    if (value.isPresent() && !allowed.contains(value.get())) {
      fields.wrong(name, "must be " + String.join(" or ", allowed));
    }
  }

  private static Identity identity(HttpServletRequest http, ImageRequest request, String user) {
    String retries = http.getHeader("X-Stainless-Retry-Count");
    String key = http.getHeader("Idempotency-Key");
    return new Identity(
        "openai " + user + ' ' + key + ' ' + request,
        key != null || (retries != null && !retries.equals("0")));
  }

  private static Datum datum(Images.Image image) {
    return new Datum(
        image.base64(),
        image.seed(),
        image.score().isPresent() ? image.score().getAsDouble() : null,
        image.finalScore().isPresent() ? image.finalScore().getAsDouble() : null,
        image.rank(),
        image.outcome().name());
  }

  record Models(String object, List<Model> data) {}

  record Model(String id, String object, long created, @JsonProperty("owned_by") String owner) {}

  @GetMapping("/models")
  Models models() {
    return new Models("list", List.of(model()));
  }

  @GetMapping("/models/{id}")
  Model model(@PathVariable String id) {
    if (!id.equals(model().id)) {
      throw new BadRequestException(404, "there is no model of that name; there is " + model().id);
    }
    return model();
  }

  private Model model() {
    return new Model(pipeline.manifest().name(), "model", started, "probeselect");
  }
}
