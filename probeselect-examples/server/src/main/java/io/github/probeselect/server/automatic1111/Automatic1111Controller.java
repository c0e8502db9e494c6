package io.github.probeselect.server.automatic1111;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import io.github.probeselect.Pipeline;
import io.github.probeselect.bundle.BundleManifest;
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
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.databind.json.JsonMapper;

/** What AUTOMATIC1111's clients call. */
@RestController
@RequestMapping("/sdapi/v1")
final class Automatic1111Controller {

  private static final String API = "automatic1111 ";
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final RequestReader.Names NAMES =
      new RequestReader.Names("batch_size", "seed", "steps", "cfg_scale", "negative_prompt");

  /** What clients call a sampler that they leave to the server. */
  private static final String AUTOMATIC = "Automatic";

  private final Pipeline pipeline;
  private final JsonBody body;
  private final RequestReader reader;
  private final ImageService service;

  Automatic1111Controller(
      Pipeline pipeline, JsonBody body, RequestReader reader, ImageService service) {
    this.pipeline = pipeline;
    this.body = body;
    this.reader = reader;
    this.service = service;
  }

  /**
   * The answer.
   *
   * @param info JSON in a string, as clients expect it
   */
  record Answer(List<String> images, Map<String, Object> parameters, String info) {}

  @PostMapping("/txt2img")
  Answer generate(HttpServletRequest http) throws IOException {
    Fields fields = body.read(http);
    ImageRequest request = request(fields);
    Images images =
        service.generate(request, new Identity(API + request, false), Connection.of(http));
    return new Answer(
        images.images().stream().map(Images.Image::base64).toList(),
        parameters(request),
        JSON.writeValueAsString(info(request, images, fields.unknown())));
  }

  private ImageRequest request(Fields fields) {
    int batch = reader.keep(fields, NAMES.keep());
    int batches = reader.keep(fields, "n_iter");
    int most = reader.limits().images();
    if ((long) batch * batches > most) {
      fields.wrong("n_iter", "batch_size times n_iter must be at most " + most);
      batches = 1;
    }
    String sampler = scheduler();
    for (String name : List.of("sampler_name", "sampler_index", "scheduler")) {
      String given = fields.text(name).orElse("");
      if (!given.isEmpty()
          && !given.equalsIgnoreCase(AUTOMATIC)
          && !given.equals(sampler)
          // The default of this field in every client.
          && !(name.equals("sampler_index") && given.equals("Euler"))) {
        fields.wrong(
            name, "there is no '" + given + "'; this model has " + sampler + " or " + AUTOMATIC);
      }
    }
    if (fields.flag("enable_hr", false)) {
      fields.wrong("enable_hr", "is not supported; it must be false");
    }
    model(fields);
    return reader.read(fields, NAMES, reader.size(fields, "width", "height"), batch * batches);
  }

  private void model(Fields fields) {
    fields
        .object("override_settings")
        .flatMap(settings -> settings.text("sd_model_checkpoint"))
        .filter(name -> !isOwn(name))
        .ifPresent(name -> fields.wrong("override_settings", unknownModel(name)));
  }

  private boolean isOwn(String name) {
    Model own = ownModel();
    return List.of(own.title, own.name, own.hash, "").contains(name);
  }

  private String unknownModel(String name) {
    return "there is no model '" + name + "'; there is " + ownModel().title;
  }

  private Map<String, Object> parameters(ImageRequest request) {
    Map<String, Object> parameters = new LinkedHashMap<>();
    parameters.put("prompt", request.prompt());
    parameters.put("negative_prompt", request.negativePrompt());
    parameters.put("seed", request.seed().orElse(-1));
    parameters.put("steps", request.steps());
    parameters.put("cfg_scale", request.guidanceScale());
    parameters.put("width", request.width());
    parameters.put("height", request.height());
    parameters.put("batch_size", request.keep());
    parameters.put("n_iter", 1);
    parameters.put("sampler_name", scheduler());
    parameters.put("candidates", request.candidates());
    return parameters;
  }

  private Map<String, Object> info(ImageRequest request, Images images, List<String> unknown) {
    Map<String, Object> info = new LinkedHashMap<>(parameters(request));
    List<Long> seeds = images.images().stream().map(Images.Image::seed).toList();
    info.put("seed", seeds.isEmpty() ? -1 : seeds.get(0));
    info.put("all_seeds", seeds);
    info.put("all_prompts", seeds.stream().map(seed -> request.prompt()).toList());
    info.put("infotexts", images.images().stream().map(Images.Image::parameters).toList());
    info.put("sd_model_name", ownModel().name);
    info.put("sd_model_hash", ownModel().hash);
    info.put("candidates", images.candidates());
    info.put("scores", images.images().stream().map(image -> number(image)).toList());
    info.put("share_of_full_runs", images.share());
    info.put("interrupted", images.interrupted());
    info.put("ignored", unknown);
    return info;
  }

  private static @Nullable Double number(Images.Image image) {
    return image.score().isPresent() ? image.score().getAsDouble() : null;
  }

  record Model(
      String title,
      @JsonProperty("model_name") String name,
      String hash,
      String sha256,
      String filename,
      @JsonInclude(JsonInclude.Include.ALWAYS) @Nullable String config) {}

  @GetMapping("/sd-models")
  List<Model> models() {
    return List.of(ownModel());
  }

  private Model ownModel() {
    BundleManifest manifest = pipeline.manifest();
    String sha256 = manifest.denoiserHash();
    String hash = sha256.substring(0, Math.min(10, sha256.length()));
    return new Model(
        manifest.name() + " [" + hash + "]", manifest.name(), hash, sha256, manifest.name(), null);
  }

  record Sampler(String name, List<String> aliases, Map<String, String> options) {}

  @GetMapping("/samplers")
  List<Sampler> samplers() {
    return List.of(
        new Sampler(scheduler(), List.of(), Map.of()), new Sampler(AUTOMATIC, List.of(), Map.of()));
  }

  private String scheduler() {
    return pipeline.manifest().scheduler().type();
  }

  record Scheduler(String name, String label) {}

  @GetMapping("/schedulers")
  List<Scheduler> schedulers() {
    return List.of(new Scheduler(AUTOMATIC, AUTOMATIC));
  }

  /** Nothing to choose from, which clients ask for all the same. */
  @GetMapping({"/upscalers", "/sd-vae", "/loras", "/embeddings", "/prompt-styles"})
  List<Object> none() {
    return List.of();
  }

  @GetMapping("/options")
  Map<String, Object> options() {
    return Map.of(
        "sd_model_checkpoint",
        ownModel().title,
        "sd_checkpoint_hash",
        ownModel().sha256,
        "samples_format",
        "png",
        "CLIP_stop_at_last_layers",
        1);
  }

  /** Takes the model that is there, and refuses another; other options have no effect. */
  @PostMapping("/options")
  void options(HttpServletRequest http) throws IOException {
    Fields fields = body.read(http);
    fields
        .text("sd_model_checkpoint")
        .filter(name -> !isOwn(name))
        .ifPresent(name -> fields.wrong("sd_model_checkpoint", unknownModel(name)));
    fields.check();
  }

  record Progress(
      double progress,
      @JsonProperty("eta_relative") double eta,
      State state,
      @JsonProperty("current_image") @JsonInclude(JsonInclude.Include.ALWAYS)
          @Nullable String image,
      @JsonInclude(JsonInclude.Include.ALWAYS) @Nullable String textinfo) {}

  record State(
      boolean skipped,
      boolean interrupted,
      String job,
      @JsonProperty("job_count") int count,
      @JsonProperty("job_no") int number,
      @JsonProperty("sampling_step") int step,
      @JsonProperty("sampling_steps") int steps) {}

  @GetMapping("/progress")
  Progress progress() {
    Optional<ImageService.Current> current = service.current(API);
    return current
        .map(
            now ->
                new Progress(
                    now.fraction(),
                    now.secondsLeft(),
                    new State(false, now.isInterrupted(), "txt2img", 1, 0, now.step(), now.steps()),
                    null,
                    null))
        .orElseGet(() -> new Progress(0, 0, new State(false, false, "", 0, 0, 0, 0), null, null));
  }

  /** Ends what runs now; its client gets previews of what is there. */
  @PostMapping({"/interrupt", "/skip"})
  Map<String, Object> interrupt() {
    service.interrupt(API);
    return Map.of();
  }
}
