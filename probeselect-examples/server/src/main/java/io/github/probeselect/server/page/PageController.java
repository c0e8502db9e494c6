package io.github.probeselect.server.page;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.github.probeselect.Pipeline;
import io.github.probeselect.bundle.BundleManifest;
import io.github.probeselect.planning.Budget;
import io.github.probeselect.planning.Proposal;
import io.github.probeselect.server.ServerProperties;
import io.github.probeselect.server.page.SavedPage.CutStep;
import io.github.probeselect.server.page.SavedPage.Status;
import io.github.probeselect.server.page.SessionView.CandidateView;
import io.github.probeselect.server.web.BadRequestException;
import io.github.probeselect.server.web.Fields;
import io.github.probeselect.server.web.JsonBody;
import io.github.probeselect.server.work.RequestReader;
import io.github.probeselect.server.work.WorkQueue;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;
import org.springframework.http.CacheControl;
import org.springframework.http.ContentDisposition;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.servlet.mvc.method.annotation.SseEmitter;

/** What the page calls. */
@RestController
@RequestMapping("/api")
final class PageController {

  private static final RequestReader.Names NAMES =
      new RequestReader.Names("keep", "seed", "steps", "guidanceScale", "negativePrompt");

  private final Pipeline pipeline;
  private final ServerProperties properties;
  private final JsonBody body;
  private final RequestReader reader;
  private final LiveSessions sessions;
  private final Subscribers subscribers;
  private final WorkQueue queue;

  PageController(
      Pipeline pipeline,
      ServerProperties properties,
      JsonBody body,
      RequestReader reader,
      LiveSessions sessions,
      Subscribers subscribers,
      WorkQueue queue) {
    this.pipeline = pipeline;
    this.properties = properties;
    this.body = body;
    this.reader = reader;
    this.sessions = sessions;
    this.subscribers = subscribers;
    this.queue = queue;
  }

  record Model(
      String name,
      int width,
      int height,
      int multipleOf,
      int smallest,
      int largest,
      int steps,
      double guidanceScale,
      boolean budgets,
      int mostImages,
      int mostCandidates,
      int mostSteps,
      int mostPromptLength) {}

  @GetMapping("/model")
  Model model() {
    BundleManifest manifest = pipeline.manifest();
    BundleManifest.Defaults defaults = manifest.defaults();
    ServerProperties.Limits limits = properties.limits();
    return new Model(
        manifest.name(),
        defaults.width(),
        defaults.height(),
        manifest.size().multipleOf(),
        manifest.size().min(),
        manifest.size().max(),
        defaults.steps(),
        defaults.guidanceScale(),
        pipeline.calibration().isPresent(),
        limits.images(),
        limits.candidates(),
        limits.steps(),
        limits.promptLength());
  }

  record Queue(int running, int waiting, int places) {}

  @GetMapping("/queue")
  Queue queue() {
    return new Queue(queue.running(), queue.waiting(), queue.places());
  }

  record PlanView(
      int candidates,
      List<CutStep> cuts,
      int keep,
      double budget,
      double cost,
      double expected,
      double atRandom,
      double bestOfN,
      int fullRuns,
      List<String> signals,
      String explanation) {}

  @GetMapping("/plan")
  PlanView plan(@RequestParam double budget, @RequestParam(defaultValue = "1") int keep) {
    ServerProperties.Limits limits = properties.limits();
    if (keep < 1 || keep > limits.images()) {
      throw new BadRequestException("keep", "must be from 1 to " + limits.images());
    }
    if (!(budget >= keep && budget <= limits.candidates())) {
      throw new BadRequestException(
          "budget", "must be from " + keep + ", the images kept, to " + limits.candidates());
    }
    Proposal proposal = pipeline.plan(Budget.fullRuns(budget), keep);
    return new PlanView(
        proposal.candidates(),
        proposal.plan().cuts().stream()
            .map(cut -> new CutStep(cut.stepsDone(), cut.keep()))
            .toList(),
        keep,
        proposal.budget(),
        proposal.cost(),
        proposal.expected(),
        proposal.atRandom(),
        proposal.bestOfN(),
        proposal.fullRuns(),
        proposal.signals(),
        proposal.explanation());
  }

  @PostMapping("/sessions")
  @ResponseStatus(HttpStatus.ACCEPTED)
  SessionView start(HttpServletRequest http) throws IOException {
    Fields fields = body.read(http);
    int keep = reader.keep(fields, NAMES.keep());
    return sessions
        .start(reader.read(fields, NAMES, reader.size(fields, "width", "height"), keep))
        .view();
  }

  record Summary(
      String id,
      String prompt,
      Instant created,
      Status status,
      int candidates,
      List<String> images) {}

  @GetMapping("/sessions")
  List<Summary> sessions() {
    return sessions.all().stream()
        .map(LiveSession::view)
        .map(
            view ->
                new Summary(
                    view.id(),
                    view.prompt(),
                    view.created(),
                    view.status(),
                    view.candidates().size(),
                    view.candidates().stream()
                        .map(CandidateView::image)
                        .filter(Objects::nonNull)
                        .toList()))
        .toList();
  }

  @GetMapping("/sessions/{id}")
  SessionView session(@PathVariable String id) {
    return sessions.get(id).view();
  }

  @DeleteMapping("/sessions/{id}")
  @ResponseStatus(HttpStatus.NO_CONTENT)
  void delete(@PathVariable String id) {
    sessions.delete(id);
  }

  @GetMapping(path = "/sessions/{id}/events", produces = MediaType.TEXT_EVENT_STREAM_VALUE)
  SseEmitter events(@PathVariable String id) {
    LiveSession session = sessions.get(id);
    if (subscribers.isFull()) {
      throw new BadRequestException(503, "too many pages watch sessions now");
    }
    return subscribers.add(session.id(), session::view);
  }

  @PostMapping("/sessions/{id}/pause")
  SessionView pause(@PathVariable String id) {
    LiveSession session = sessions.get(id);
    sessions.pause(session);
    return session.view();
  }

  @PostMapping("/sessions/{id}/run")
  SessionView run(@PathVariable String id) {
    LiveSession session = sessions.get(id);
    sessions.run(session);
    return session.view();
  }

  @PostMapping("/sessions/{id}/candidates/{index}/{action:keep|release|drop|resume}")
  SessionView change(
      @PathVariable String id, @PathVariable int index, @PathVariable String action) {
    LiveSession session = sessions.get(id);
    switch (action) {
      case "keep" -> session.pin(index, true);
      case "release" -> session.pin(index, false);
      case "drop" -> session.drop(index);
      default -> session.resume(index);
    }
    if (action.equals("keep") || action.equals("resume")) {
      sessions.run(session);
    }
    return session.view();
  }

  @PostMapping("/sessions/{id}/candidates/{index}/vary")
  SessionView vary(@PathVariable String id, @PathVariable int index, HttpServletRequest http)
      throws IOException {
    LiveSession session = sessions.get(id);
    Fields fields = body.read(http);
    int number = fields.whole("candidates", 4, 1, properties.limits().candidates());
    int keep = fields.whole("keep", 1, 1, Math.max(1, number));
    double strength = fields.number("strength", 0.2, 0.001, 1);
    long seed = fields.whole("seed", -1, -1, RequestReader.MAX_SEED);
    fields.check();
    session.vary(
        index,
        number,
        keep,
        strength,
        seed < 0 ? ThreadLocalRandom.current().nextLong(RequestReader.MAX_SEED) : seed);
    sessions.run(session);
    return session.view();
  }

  @GetMapping("/sessions/{id}/candidates/{index}/preview.png")
  ResponseEntity<byte[]> preview(@PathVariable String id, @PathVariable int index)
      throws IOException {
    return png(sessions.get(id).directory().preview(index), null);
  }

  @GetMapping("/sessions/{id}/candidates/{index}/image.png")
  ResponseEntity<byte[]> image(@PathVariable String id, @PathVariable int index)
      throws IOException {
    LiveSession session = sessions.get(id);
    String name =
        String.format(Locale.ROOT, "probeselect-%s-%d.png", id.substring(0, 8), index + 1);
    return png(session.directory().image(index), name);
  }

  private static ResponseEntity<byte[]> png(Path file, @Nullable String name) throws IOException {
    if (!Files.isRegularFile(file)) {
      throw new BadRequestException(404, "there is no such image yet");
    }
    ResponseEntity.BodyBuilder answer =
        ResponseEntity.ok()
            .contentType(MediaType.IMAGE_PNG)
            .cacheControl(CacheControl.noCache().cachePrivate());
    if (name != null) {
      answer.header(
          HttpHeaders.CONTENT_DISPOSITION,
          ContentDisposition.inline().filename(name).build().toString());
    }
    return answer.body(Files.readAllBytes(file));
  }

  @JsonInclude(JsonInclude.Include.NON_NULL)
  record Picture(
      String session,
      String prompt,
      Instant created,
      int index,
      long seed,
      @Nullable Double score,
      String image) {}

  /** All finished images, the latest session first. */
  @GetMapping("/gallery")
  List<Picture> gallery() {
    return sessions.all().stream()
        .map(LiveSession::view)
        .flatMap(
            view ->
                view.candidates().stream()
                    .filter(candidate -> candidate.image() != null)
                    .map(
                        candidate ->
                            new Picture(
                                view.id(),
                                view.prompt(),
                                view.created(),
                                candidate.index(),
                                candidate.seed(),
                                candidate.score(),
                                String.valueOf(candidate.image()))))
        .toList();
  }
}
