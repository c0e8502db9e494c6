package io.github.probeselect.langchain4j;

import io.github.probeselect.GenerationRequest;
import io.github.probeselect.Pipeline;
import io.github.probeselect.error.InvalidRequestException;
import io.github.probeselect.model.PreviewProbe;
import io.github.probeselect.selection.Cut;
import io.github.probeselect.selection.DecisionPoint;
import java.time.Instant;
import java.util.Objects;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/** Makes the requests of a model from its settings. Immutable. */
final class ImageRequests {

  private static final int CANDIDATES_PER_IMAGE = 4;

  private final Pipeline pipeline;
  private final ModelSettings settings;

  /**
   * Requests with these settings.
   *
   * @throws InvalidRequestException if the model cannot do one of them
   */
  ImageRequests(Pipeline pipeline, ModelSettings settings) {
    this.pipeline = pipeline;
    this.settings = settings;
    if (settings.width() != null && settings.height() != null) {
      Objects.requireNonNull(pipeline.manifest().latentShape(settings.width(), settings.height()));
    }
    Objects.requireNonNull(of("a prompt", 1));
  }

  /**
   * A request for images.
   *
   * @throws InvalidRequestException if it is no prompt, or there are not so many candidates
   */
  GenerationRequest of(@Nullable String prompt, int n) {
    if (prompt == null) {
      throw new InvalidRequestException("prompt is null; describe the image");
    }
    GenerationRequest request = pipeline.request(prompt).keep(n);
    request = set(request, settings.negativePrompt(), GenerationRequest::negativePrompt);
    request = set(request, settings.steps(), GenerationRequest::steps);
    request = set(request, settings.guidanceScale(), GenerationRequest::guidanceScale);
    if (settings.width() != null && settings.height() != null) {
      request = request.size(settings.width(), settings.height());
    }
    request = selecting(counted(request, n), n);
    if (settings.timeout() != null) {
      request = request.deadline(Instant.now().plus(settings.timeout()));
    }
    @Nullable GenerationRequest customized = settings.customizer().apply(request);
    if (customized == null) {
      throw new InvalidRequestException("the customizer returned null; return a request");
    }
    return customized;
  }

  private static <T> GenerationRequest set(
      GenerationRequest request,
      @Nullable T value,
      BiFunction<GenerationRequest, T, GenerationRequest> setter) {
    return value == null ? request : setter.apply(request, value);
  }

  /** Sets how many candidates there are, and which. */
  private GenerationRequest counted(GenerationRequest request, int n) {
    if (settings.budget() != null) {
      GenerationRequest first = settings.randomSeeds() ? request.randomSeeds(1) : request;
      return first.budget(settings.budget());
    }
    if (settings.seeds() != null) {
      requireEnough(n, settings.seeds().size());
      return request.seeds(settings.seeds().stream().mapToLong(Long::longValue).toArray());
    }
    int candidates = settings.candidates() != null ? settings.candidates() : defaultCandidates(n);
    requireEnough(n, candidates);
    return settings.randomSeeds()
        ? request.randomSeeds(candidates)
        : request.candidates(candidates);
  }

  /** Without a probe and a metric nothing can be selected by. */
  private int defaultCandidates(int n) {
    boolean selects = hasProbe() || settings.metric() != null;
    return Math.max(selects ? CANDIDATES_PER_IMAGE * n : n, settings.keep(n));
  }

  private boolean hasProbe() {
    return !pipeline.manifest().probes().isEmpty();
  }

  private void requireEnough(int n, int candidates) {
    int finished = settings.keep(n);
    if (finished > candidates) {
      throw new InvalidRequestException(
          finished
              + " images cannot be finished of "
              + candidates
              + " candidates; ask for fewer, or start more candidates");
    }
  }

  /** Sets when and by what candidates are selected, and by what the finished ones. */
  private GenerationRequest selecting(GenerationRequest request, int n) {
    GenerationRequest selecting = set(request, settings.metric(), GenerationRequest::rescoreBy);
    if (settings.budget() != null) {
      return selecting;
    }
    DecisionPoint point = DecisionPoint.fraction(settings.decision());
    selecting =
        settings.keep(n) > n
            ? selecting.cuts(new Cut(point, settings.keep(n)))
            : selecting.decideAt(point);
    return settings.metric() == null || hasProbe()
        ? selecting
        : selecting.signals(new PreviewProbe(pipeline.model(), settings.metric()));
  }
}
