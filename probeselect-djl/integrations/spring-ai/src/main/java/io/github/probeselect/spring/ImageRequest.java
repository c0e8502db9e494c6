package io.github.probeselect.spring;

import io.github.probeselect.GenerationRequest;
import io.github.probeselect.Pipeline;
import io.github.probeselect.bundle.BundleManifest;
import io.github.probeselect.error.InvalidRequestException;
import io.github.probeselect.model.PreviewProbe;
import io.github.probeselect.model.QualityMetric;
import io.github.probeselect.selection.DecisionPoint;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** Turns prompts and options into requests of a pipeline. Immutable. */
final class ImageRequest {

  /** The only form in which images are returned. */
  static final String BASE64 = "b64_json";

  private static final int CANDIDATES_PER_IMAGE = 4;
  private static final int MOST_CANDIDATES = 1 << 16;

  private final Pipeline pipeline;
  private final Optional<QualityMetric> metric;

  ImageRequest(Pipeline pipeline, Optional<QualityMetric> metric) {
    this.pipeline = pipeline;
    this.metric = metric;
  }

  /**
   * The options with what a call has without them, for observations: the model, the number of
   * images, and their size and form.
   */
  ProbeSelectImageOptions described(ProbeSelectImageOptions options) {
    BundleManifest manifest = pipeline.manifest();
    return options
        .mutate()
        .model(manifest.name())
        .n(Objects.requireNonNullElse(options.getN(), 1))
        .width(Objects.requireNonNullElse(options.getWidth(), manifest.defaults().width()))
        .height(Objects.requireNonNullElse(options.getHeight(), manifest.defaults().height()))
        .responseFormat(Objects.requireNonNullElse(options.getResponseFormat(), BASE64))
        .build();
  }

  /**
   * The request of a call.
   *
   * @throws InvalidRequestException if the options exclude each other, have a value that no model
   *     can use, or ask for something that this one cannot do
   */
  GenerationRequest of(String prompt, ProbeSelectImageOptions options) {
    options.requireConsistent();
    refuseWhatOthersDo(options);
    GenerationRequest request = pipeline.request(prompt);
    request = set(request, options.getNegativePrompt(), GenerationRequest::negativePrompt);
    request = set(request, options.getSteps(), GenerationRequest::steps);
    request = set(request, options.getGuidanceScale(), GenerationRequest::guidanceScale);
    request = set(request, options.getMicroBatchSize(), GenerationRequest::microBatchSize);
    request = set(request, options.getPreviews(), GenerationRequest::previews);
    request = set(request, options.getReproducible(), GenerationRequest::reproducible);
    request =
        set(
            request,
            options.getDecisionFraction(),
            (to, fraction) -> to.decideAt(DecisionPoint.fraction(fraction)));
    request = set(request, options.getTimeout(), ImageRequest::timeout);
    request = sized(request, options);
    request = counted(request, options);
    request = set(request, metric.orElse(null), GenerationRequest::rescoreBy);
    if (options.getBudget() == null && metric.isPresent() && !hasProbe()) {
      request = request.signals(new PreviewProbe(pipeline.model(), metric.get()));
    }
    UnaryOperator<GenerationRequest> customizer = options.customizer();
    if (customizer == null) {
      return request;
    }
    @Nullable GenerationRequest customized = customizer.apply(request);
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

  private static GenerationRequest timeout(GenerationRequest request, Duration timeout) {
    if (timeout.isZero() || timeout.isNegative()) {
      throw new InvalidRequestException("timeout = " + timeout + "; it must be above 0");
    }
    Instant now = Instant.now();
    boolean endless = timeout.compareTo(Duration.between(now, Instant.MAX)) >= 0;
    return endless ? request : request.deadline(now.plus(timeout));
  }

  private void refuseWhatOthersDo(ProbeSelectImageOptions options) {
    String model = options.getModel();
    String own = pipeline.manifest().name();
    if (model != null && !model.equals(own)) {
      throw new InvalidRequestException(
          "model = " + model + "; this is the model " + own + ", so leave the option out");
    }
    String form = options.getResponseFormat();
    if (form != null && !form.equalsIgnoreCase(BASE64)) {
      throw new InvalidRequestException(
          "responseFormat = "
              + form
              + "; images are made in this program and have no URL, so leave the option out or give "
              + BASE64);
    }
    String style = options.getStyle();
    if (style != null) {
      throw new InvalidRequestException(
          "style = " + style + "; this model has no styles, so describe the style in the prompt");
    }
  }

  /** Sets the size; where one side is given, the other is that of the bundle's default size. */
  private GenerationRequest sized(GenerationRequest request, ProbeSelectImageOptions options) {
    Integer width = options.getWidth();
    Integer height = options.getHeight();
    if (width == null && height == null) {
      return request;
    }
    BundleManifest manifest = pipeline.manifest();
    int wide = Objects.requireNonNullElse(width, manifest.defaults().width());
    int high = Objects.requireNonNullElse(height, manifest.defaults().height());
    Objects.requireNonNull(manifest.latentShape(wide, high)); // refuses other sizes
    return request.size(wide, high);
  }

  /** Sets how many candidates there are, which, and how many of them are kept. */
  private GenerationRequest counted(GenerationRequest request, ProbeSelectImageOptions options) {
    int n = atLeastOne(Option.N, Objects.requireNonNullElse(options.getN(), 1));
    GenerationRequest kept = request.keep(n);
    List<Long> seeds = options.getSeeds();
    if (seeds != null) {
      requireEnough(n, seeds.size());
      return kept.seeds(seeds.stream().mapToLong(seed -> seed).toArray());
    }
    boolean random = Boolean.TRUE.equals(options.getRandomSeeds());
    long firstSeed = Objects.requireNonNullElse(options.getSeed(), 0L);
    if (options.getBudget() != null) {
      return (random ? kept.randomSeeds(1) : kept.seeds(firstSeed)).budget(options.getBudget());
    }
    int candidates =
        atLeastOne(
            Option.CANDIDATES,
            Objects.requireNonNullElseGet(options.getCandidates(), () -> defaultCandidates(n)));
    requireEnough(n, candidates);
    return random ? kept.randomSeeds(candidates) : kept.candidates(candidates, firstSeed);
  }

  /** Without a probe and a metric nothing can be selected by. */
  private int defaultCandidates(int n) {
    boolean selects = hasProbe() || metric.isPresent();
    return selects && n <= MOST_CANDIDATES / CANDIDATES_PER_IMAGE ? n * CANDIDATES_PER_IMAGE : n;
  }

  private boolean hasProbe() {
    return !pipeline.manifest().probes().isEmpty();
  }

  private static int atLeastOne(Option option, int value) {
    if (value < 1) {
      throw new InvalidRequestException(option.label + " = " + value + "; give at least 1");
    }
    return value;
  }

  private static void requireEnough(int n, int candidates) {
    if (n > candidates) {
      throw new InvalidRequestException(
          "n = "
              + n
              + " images cannot be kept of "
              + candidates
              + " candidates; lower n, which is also called keep, or start more candidates");
    }
  }
}
