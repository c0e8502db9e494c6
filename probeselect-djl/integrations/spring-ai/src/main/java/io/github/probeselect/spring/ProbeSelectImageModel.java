package io.github.probeselect.spring;

import io.github.probeselect.Candidate;
import io.github.probeselect.Generation;
import io.github.probeselect.GenerationResult;
import io.github.probeselect.KeptImage;
import io.github.probeselect.Origin;
import io.github.probeselect.Pipeline;
import io.github.probeselect.error.GenerationCancelledException;
import io.github.probeselect.error.InvalidRequestException;
import io.github.probeselect.model.QualityMetric;
import io.micrometer.observation.ObservationRegistry;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.ai.image.Image;
import org.springframework.ai.image.ImageGeneration;
import org.springframework.ai.image.ImageModel;
import org.springframework.ai.image.ImagePrompt;
import org.springframework.ai.image.ImageResponse;
import org.springframework.ai.image.observation.DefaultImageModelObservationConvention;
import org.springframework.ai.image.observation.ImageModelObservationContext;
import org.springframework.ai.image.observation.ImageModelObservationConvention;
import org.springframework.ai.image.observation.ImageModelObservationDocumentation;
import org.springframework.beans.factory.DisposableBean;

/**
 * An {@link ImageModel} that starts many seeds on a {@link Pipeline} and finishes the promising
 * ones. The images of a response are PNGs in Base64, best first. Thread-safe.
 *
 * <pre>{@code
 * ImageModel imageModel =
 *     ProbeSelectImageModel.builder()
 *         .pipeline(pipeline)
 *         .options(ProbeSelectImageOptions.builder().candidates(16).build())
 *         .build();
 * ImageResponse response = imageModel.call(new ImagePrompt("a red circle above a blue square"));
 * String png = response.getResult().getOutput().getB64Json();
 * }</pre>
 *
 * <p>A call may be made on any thread. Its generation runs on a thread of the pipeline, which runs
 * eight at a time and lets the others wait in order. Interrupting the calling thread cancels the
 * generation before its next denoiser call.
 *
 * <p>As a bean of an application context the model refuses new calls and cancels those under way
 * when the context destroys it. {@link #stop} lets them end first; the auto-configuration for
 * Spring Boot calls it in the shutdown phases of the context. The pipeline is the caller's.
 */
public class ProbeSelectImageModel implements ImageModel, DisposableBean {

  /** The name of the provider in observations. */
  public static final String PROVIDER = "probeselect";

  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private static final ImageModelObservationConvention SPRING_AI =
      new DefaultImageModelObservationConvention();

  private final Pipeline pipeline;
  private final ImageRequest requests;
  private final ProbeSelectImageOptions options;
  private final ObservationRegistry observationRegistry;
  private final Calls calls = new Calls();
  private volatile @Nullable ImageModelObservationConvention observationConvention;

  /** Not private, so that a context can put a proxy of the class in front of it. */
  ProbeSelectImageModel(Builder builder) {
    this.pipeline = require("pipeline", builder.pipeline);
    this.options = builder.options;
    this.observationRegistry = builder.observationRegistry;
    this.observationConvention = builder.observationConvention;
    this.requests = new ImageRequest(pipeline, Optional.ofNullable(builder.metric));
    // The defaults of every call are checked once and early.
    Objects.requireNonNull(requests.of("a prompt", options));
  }

  /** Begins a model. */
  public static Builder builder() {
    return new Builder();
  }

  /** The pipeline that generates. */
  public Pipeline getPipeline() {
    return pipeline;
  }

  /** The options of every call, over which those of the call are put. */
  public ProbeSelectImageOptions getOptions() {
    return options;
  }

  /** What the model has been doing so far. */
  public Activity activity() {
    return calls.activity();
  }

  /**
   * Sets the convention of the observations; {@link ProbeSelectImageObservationConvention} by
   * default.
   */
  public void setObservationConvention(ImageModelObservationConvention observationConvention) {
    this.observationConvention = require("observationConvention", observationConvention);
  }

  /**
   * Generates images. The messages of the prompt are joined by commas to one text; its options are
   * put over those of the model, and may be {@code null}.
   *
   * @throws InvalidRequestException if the prompt has no text, a message has a weight other than 1,
   *     or the model cannot do what an option says
   * @throws GenerationCancelledException if the calling thread is interrupted, or the pipeline is
   *     closed meanwhile
   * @throws io.github.probeselect.error.DeadlineExceededException if the timeout is over
   * @throws io.github.probeselect.error.BackendException if the engine fails, the pipeline is
   *     closed, or the application context stops
   */
  @Override
  public ImageResponse call(ImagePrompt imagePrompt) {
    require("imagePrompt", imagePrompt);
    ProbeSelectImageOptions merged = options.mutate().merge(imagePrompt.getOptions()).build();
    ImageModelObservationContext context =
        ImageModelObservationContext.builder()
            .imagePrompt(
                new ImagePrompt(
                    Objects.requireNonNullElse(imagePrompt.getInstructions(), List.of()),
                    requests.described(merged)))
            .provider(PROVIDER)
            .build();
    return Objects.requireNonNull(
        ImageModelObservationDocumentation.IMAGE_MODEL_OPERATION
            .observation(observationConvention, SPRING_AI, () -> context, observationRegistry)
            .observe(
                () -> {
                  ImageResponse response = counted(imagePrompt, merged);
                  context.setResponse(response);
                  return response;
                }));
  }

  /** Runs a call, and counts how it ends. */
  private ImageResponse counted(ImagePrompt imagePrompt, ProbeSelectImageOptions merged) {
    calls.begin();
    Optional<Generation> generation = Optional.empty();
    try {
      String prompt = PromptText.of(imagePrompt.getInstructions());
      generation = Optional.of(requests.of(prompt, merged).start());
      generation.ifPresent(calls::started);
      ImageResponse response = response(await(generation.get()));
      calls.succeeded();
      return response;
    } catch (RuntimeException | Error e) {
      calls.failed(e);
      throw e;
    } finally {
      generation.ifPresentOrElse(this::endWith, calls::end);
    }
  }

  /** A generation that was cancelled may have to finish a step before its call is over. */
  @SuppressWarnings("FutureReturnValueIgnored") // the dependent stage only counts
  private void endWith(Generation generation) {
    generation.future().whenComplete((result, failure) -> calls.end());
  }

  private static GenerationResult await(Generation generation) {
    try {
      return generation.future().get();
    } catch (InterruptedException e) {
      generation.cancel();
      Thread.currentThread().interrupt();
      throw new GenerationCancelledException(
          "the thread that called the image model was interrupted, so its generation is cancelled",
          e);
    } catch (CancellationException e) {
      throw new GenerationCancelledException("the generation was cancelled", e);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      if (e.getCause() instanceof Error cause) {
        throw cause;
      }
      throw new IllegalStateException(e.getCause());
    }
  }

  private static ImageResponse response(GenerationResult result) {
    Map<Origin, Candidate> candidates =
        result.candidates().stream()
            .collect(Collectors.toMap(Candidate::origin, Function.identity()));
    List<ImageGeneration> generations =
        result.images().stream()
            .map(image -> generation(image, Objects.requireNonNull(candidates.get(image.origin()))))
            .toList();
    return new ImageResponse(generations, new ProbeSelectImageResponseMetadata(result));
  }

  private static ImageGeneration generation(KeptImage image, Candidate candidate) {
    String png = Base64.getEncoder().encodeToString(image.toPng());
    return new ImageGeneration(
        new Image(null, png), new ProbeSelectImageGenerationMetadata(image, candidate));
  }

  private static <T> T require(String name, @Nullable T argument) {
    if (argument == null) {
      throw new InvalidRequestException(name + " is null; give a value");
    }
    return argument;
  }

  /** Accepts calls again after {@link #stop}. */
  public void start() {
    calls.start();
  }

  /**
   * Refuses new calls; those under way go on.
   *
   * @param whenIdle runs once none is under way, at once or on the thread of the last one
   */
  public void stop(Runnable whenIdle) {
    calls.stop(require("whenIdle", whenIdle));
  }

  /**
   * Refuses new calls, cancels those under way, which fail with {@link
   * GenerationCancelledException}, and waits until they have ended, for half a minute at the most.
   */
  @Override
  public void destroy() {
    calls.cancel(PATIENCE);
  }

  /** Collects what a model is made of. Not thread-safe. */
  public static final class Builder {

    private @Nullable Pipeline pipeline;
    private @Nullable QualityMetric metric;
    private ProbeSelectImageOptions options = ProbeSelectImageOptions.builder().build();
    private ObservationRegistry observationRegistry = ObservationRegistry.NOOP;
    private ImageModelObservationConvention observationConvention =
        new ProbeSelectImageObservationConvention();

    private Builder() {}

    /** Sets the pipeline, which has to be set. The caller closes it. */
    public Builder pipeline(Pipeline pipeline) {
      this.pipeline = require("pipeline", pipeline);
      return this;
    }

    /** Sets the options of every call, over which those of the call are put. */
    public Builder options(ProbeSelectImageOptions options) {
      this.options = require("options", options);
      return this;
    }

    /**
     * Sets a metric that scores the finished images, and, where the bundle has no probe, the
     * previews at the decision point. The caller closes it.
     */
    public Builder metric(@Nullable QualityMetric metric) {
      this.metric = metric;
      return this;
    }

    /** Sets where calls are observed; nowhere by default. */
    public Builder observationRegistry(ObservationRegistry observationRegistry) {
      this.observationRegistry = require("observationRegistry", observationRegistry);
      return this;
    }

    /** Sets the convention of the observations. */
    public Builder observationConvention(ImageModelObservationConvention convention) {
      this.observationConvention = require("observationConvention", convention);
      return this;
    }

    /**
     * Returns the model.
     *
     * @throws InvalidRequestException if there is no pipeline, or its model cannot do what the
     *     options say
     */
    public ProbeSelectImageModel build() {
      return new ProbeSelectImageModel(this);
    }
  }
}
