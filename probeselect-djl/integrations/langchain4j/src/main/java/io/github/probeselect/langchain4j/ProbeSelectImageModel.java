package io.github.probeselect.langchain4j;

import dev.langchain4j.data.image.Image;
import dev.langchain4j.exception.InternalServerException;
import dev.langchain4j.exception.LangChain4jException;
import dev.langchain4j.exception.TimeoutException;
import dev.langchain4j.model.image.ImageModel;
import dev.langchain4j.model.output.FinishReason;
import dev.langchain4j.model.output.Response;
import io.github.probeselect.GenerationRequest;
import io.github.probeselect.GenerationResult;
import io.github.probeselect.Pipeline;
import io.github.probeselect.ProbeSelect;
import io.github.probeselect.error.BackendException;
import io.github.probeselect.error.DeadlineExceededException;
import io.github.probeselect.error.InvalidRequestException;
import io.github.probeselect.error.ProbeSelectException;
import io.github.probeselect.model.QualityMetric;
import io.github.probeselect.planning.Budget;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * An {@link ImageModel} that starts many seeds on a {@link Pipeline}, scores them early, and
 * finishes the promising ones. Images are PNGs in Base64 that carry their generation parameters,
 * best first. Thread-safe.
 *
 * <pre>{@code
 * try (ProbeSelectImageModel model = ProbeSelectImageModel.builder().candidates(16).build()) {
 *   Response<List<Image>> response = model.generate("a red circle above a blue square", 4);
 *   Object facts = response.metadata().get(ProbeSelectImageModel.IMAGES); // seed, score, rank
 * }
 * }</pre>
 *
 * <p>A call generates on the calling thread; interrupting it cancels the generation before its next
 * denoiser call. The metadata of a response hold, under {@link #IMAGES}, a map for each image in
 * their order: {@code seed}, {@code score} and {@code finalScore} where there is one, {@code rank},
 * {@code outcome}, {@code stepsDone}, and the others of {@link
 * io.github.probeselect.Candidate#toMap()} but the readings; under {@link #RESULT} the whole result
 * with all candidates, in the form of {@link GenerationResult#toMap()}. Those of {@link
 * #generate(String)} hold the fields of its image at the top too.
 *
 * <p>Failures are exceptions of langchain4j with that of this library as their cause: {@link
 * dev.langchain4j.exception.InvalidRequestException} for a request that the model cannot do, {@link
 * TimeoutException} after the {@linkplain Builder#timeout timeout}, {@link InternalServerException}
 * if the engine fails or the pipeline is closed, else {@link LangChain4jException}.
 */
public final class ProbeSelectImageModel implements ImageModel, AutoCloseable {

  /** The key of the metadata of the images: a list of maps. */
  public static final String IMAGES = "images";

  /** The key of the metadata of the whole result: a map. */
  public static final String RESULT = "result";

  private final Pipeline pipeline;
  private final boolean owned;
  private final ImageRequests requests;

  private ProbeSelectImageModel(Pipeline pipeline, boolean owned, ModelSettings settings) {
    this.pipeline = pipeline;
    this.owned = owned;
    this.requests = new ImageRequests(pipeline, settings);
  }

  /** Begins a model; without a pipeline or a bundle it is the default model. */
  public static Builder builder() {
    return new Builder();
  }

  /** The pipeline on which it generates. */
  public Pipeline pipeline() {
    return pipeline;
  }

  /** Generates the best image for a prompt. */
  @Override
  public Response<Image> generate(String prompt) {
    ImageAnswer answer = answer(prompt, 1);
    return Response.from(answer.images().get(0), null, FinishReason.STOP, answer.metadataOfOne());
  }

  /**
   * Generates images for a prompt.
   *
   * @param n how many, at least 1 and at most the number of candidates
   * @return the images, best first; fewer than {@code n} only where a policy of {@link
   *     Builder#customizer} gives candidates up
   */
  @Override
  public Response<List<Image>> generate(String prompt, int n) {
    ImageAnswer answer = answer(prompt, n);
    return Response.from(answer.images(), null, FinishReason.STOP, answer.metadata());
  }

  private ImageAnswer answer(String prompt, int n) {
    try {
      return ImageAnswer.of(requests.of(prompt, n).generate());
    } catch (ProbeSelectException e) {
      throw translated(e);
    }
  }

  private static LangChain4jException translated(ProbeSelectException e) {
    if (e instanceof InvalidRequestException) {
      return new dev.langchain4j.exception.InvalidRequestException(e.getMessage(), e);
    }
    if (e instanceof DeadlineExceededException) {
      return new TimeoutException(e.getMessage(), e);
    }
    if (e instanceof BackendException) {
      return new InternalServerException(e.getMessage(), e);
    }
    return new LangChain4jException(e.getMessage(), e);
  }

  /**
   * Closes the pipeline if the model opened it; one that was given stays open. Closing twice has no
   * further effect.
   */
  @Override
  public void close() {
    if (owned) {
      pipeline.close();
    }
  }

  /**
   * The settings of a model. Each is that of every call; what is not set is as in {@link
   * GenerationRequest}. Not thread-safe.
   */
  public static final class Builder {

    private @Nullable Pipeline pipeline;
    private @Nullable Path bundle;
    private Pipeline.Options options = Pipeline.Options.defaults();
    private @Nullable Integer candidates;
    private @Nullable Integer keep;
    private @Nullable Budget budget;
    private @Nullable List<Long> seeds;
    private boolean randomSeeds;
    private @Nullable Integer steps;
    private @Nullable Double guidanceScale;
    private @Nullable Integer width;
    private @Nullable Integer height;
    private @Nullable String negativePrompt;
    private double decision = 0.2;
    private @Nullable QualityMetric metric;
    private @Nullable Duration timeout;
    private UnaryOperator<GenerationRequest> customizer = UnaryOperator.identity();

    private Builder() {}

    /** The pipeline, which the caller closes. */
    public Builder pipeline(Pipeline pipeline) {
      this.pipeline = require("pipeline", pipeline);
      return this;
    }

    /** The directory of the bundle, which the model opens, and closes with itself. */
    public Builder bundle(Path bundle) {
      this.bundle = require("bundle", bundle);
      return this;
    }

    /** The device and all else with which the model opens a bundle, or the default model. */
    public Builder options(Pipeline.Options options) {
      this.options = require("options", options);
      return this;
    }

    /**
     * How many seeds are started; by default four for each image, or as many as images where the
     * model has no probe and there is no metric to select by.
     */
    public Builder candidates(int candidates) {
      this.candidates = candidates;
      return this;
    }

    /**
     * How many candidates are finished, of which the metric chooses the images that are returned;
     * by default as many as images. Needs {@link #rescoreBy}.
     */
    public Builder keep(int keep) {
      this.keep = keep;
      return this;
    }

    /** What a call may cost at the most, in place of the number of candidates. */
    public Builder budget(Budget budget) {
      this.budget = require("budget", budget);
      return this;
    }

    /** The seeds of the candidates; by default they count from 0. */
    public Builder seeds(long... seeds) {
      this.seeds = Arrays.stream(require("seeds", seeds)).boxed().toList();
      return this;
    }

    /**
     * Whether every call takes other seeds; by default all calls take the same, so that a prompt
     * always gives the same images.
     */
    public Builder randomSeeds(boolean randomSeeds) {
      this.randomSeeds = randomSeeds;
      return this;
    }

    /** Denoising steps. */
    public Builder steps(int steps) {
      this.steps = steps;
      return this;
    }

    /** The guidance scale. */
    public Builder guidanceScale(double guidanceScale) {
      this.guidanceScale = guidanceScale;
      return this;
    }

    /** The size of the images in pixels. */
    public Builder size(int width, int height) {
      this.width = width;
      this.height = height;
      return this;
    }

    /** What the images should not show. */
    public Builder negativePrompt(String negativePrompt) {
      this.negativePrompt = require("negativePrompt", negativePrompt);
      return this;
    }

    /**
     * The fraction of the steps, in (0, 1], after which candidates are scored and dropped; 0.2 by
     * default.
     */
    public Builder decideAt(double fraction) {
      this.decision = fraction;
      return this;
    }

    /**
     * The metric that scores the finished images; on a model without a probe also previews of the
     * candidates. The caller closes it.
     */
    public Builder rescoreBy(QualityMetric metric) {
      this.metric = require("metric", metric);
      return this;
    }

    /** How long a call may take at the most. */
    public Builder timeout(Duration timeout) {
      this.timeout = require("timeout", timeout);
      return this;
    }

    /** Sets anything else of every request: policy, signals, cuts, listener. */
    public Builder customizer(UnaryOperator<GenerationRequest> customizer) {
      this.customizer = require("customizer", customizer);
      return this;
    }

    /**
     * Makes the model, and opens its bundle if no pipeline was given.
     *
     * @throws InvalidRequestException if settings exclude each other or the model cannot do one of
     *     them
     * @throws ProbeSelectException if the bundle or the default model cannot be opened
     */
    public ProbeSelectImageModel build() {
      if (pipeline != null && bundle != null) {
        throw new InvalidRequestException("a model has a pipeline or a bundle; give one of them");
      }
      ModelSettings settings =
          new ModelSettings(
              candidates,
              keep,
              budget,
              seeds,
              randomSeeds,
              steps,
              guidanceScale,
              width,
              height,
              negativePrompt,
              decision,
              metric,
              timeout,
              customizer);
      if (pipeline != null) {
        return new ProbeSelectImageModel(pipeline, false, settings);
      }
      Pipeline opened =
          bundle == null ? ProbeSelect.openDefault(options) : ProbeSelect.open(bundle, options);
      try {
        return new ProbeSelectImageModel(opened, true, settings);
      } catch (RuntimeException | Error e) {
        opened.close();
        throw e;
      }
    }

    private static <T> T require(String name, @Nullable T value) {
      if (value == null) {
        throw new InvalidRequestException(name + " is null");
      }
      return value;
    }
  }
}
