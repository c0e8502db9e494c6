package io.github.probeselect;

import io.github.probeselect.annotation.Experimental;
import io.github.probeselect.error.InvalidRequestException;
import io.github.probeselect.internal.Arguments;
import io.github.probeselect.internal.WritableText;
import io.github.probeselect.model.Observation;
import io.github.probeselect.model.Probe;
import io.github.probeselect.model.QualityMetric;
import io.github.probeselect.model.Signal;
import io.github.probeselect.planning.Budget;
import io.github.probeselect.selection.Cut;
import io.github.probeselect.selection.DecisionPoint;
import io.github.probeselect.selection.Forecast;
import io.github.probeselect.selection.SelectionPolicy;
import java.time.Instant;
import java.util.List;
import java.util.function.Consumer;

/**
 * The prompt and settings of a generation; {@link #generate}, {@link #start} or {@link #open} runs
 * it. Immutable and thread-safe: every setter returns a new request, so one request can be the
 * template for many. Unset settings have the bundle's defaults.
 *
 * <p>Every setter throws {@link InvalidRequestException} for {@code null} and for a value that is
 * invalid for every model; values whose validity depends on the model are checked when the
 * generation begins.
 *
 * <pre>{@code
 * GenerationRequest stars =
 *     pipeline
 *         .request("two green stars on a striped tan background")
 *         .negativePrompt("a red circle")
 *         .candidates(16)
 *         .keep(4)
 *         .steps(30)
 *         .guidanceScale(4)
 *         .size(64, 48)
 *         .decideAt(DecisionPoint.fraction(0.25));
 * GenerationResult result = stars.generate();
 * GenerationResult others = stars.candidates(16, 1000).generate();
 * }</pre>
 */
@CheckReturnValue
public final class GenerationRequest {

  private final Pipeline pipeline;
  private final RequestOptions options;

  GenerationRequest(Pipeline pipeline, String prompt) {
    this.pipeline = pipeline;
    this.options = new RequestOptions(RequestChecks.prompt(prompt));
  }

  private GenerationRequest(Pipeline pipeline, RequestOptions options) {
    this.pipeline = pipeline;
    this.options = options;
  }

  private GenerationRequest with(Consumer<RequestOptions> change) {
    RequestOptions changed = options.copy();
    change.accept(changed);
    return new GenerationRequest(pipeline, changed);
  }

  /**
   * What the image should not show; empty by default. Needs classifier-free guidance.
   *
   * @throws InvalidRequestException if it contains a NUL or half a surrogate pair
   */
  public GenerationRequest negativePrompt(String negativePrompt) {
    return with(
        c -> c.negativePrompt = WritableText.require("the negative prompt", negativePrompt));
  }

  /**
   * The seeds of the candidates, any {@code long} values; {@code 0} by default. The noise depends
   * only on the low 32 bits of a seed.
   *
   * @throws InvalidRequestException if the list is empty or longer than 65,536, a seed occurs
   *     twice, or two seeds differ by a multiple of 2^32 and so give the same image
   */
  public GenerationRequest seeds(long... seeds) {
    return with(c -> c.origins = c.origins.withSeeds(seeds));
  }

  /**
   * Sets seed, noise variations, wording and guidance scale of every candidate, in place of {@link
   * #seeds}.
   *
   * @throws InvalidRequestException if the list is empty or longer than 65,536
   */
  public GenerationRequest origins(Origin... origins) {
    return with(c -> c.origins = c.origins.withOrigins(origins));
  }

  /**
   * Guidance scales that are assigned to the candidates cyclically. Together with {@link
   * #wordings}, all combinations are assigned cyclically.
   *
   * @throws InvalidRequestException if a scale is not a number of at least 0
   */
  public GenerationRequest guidanceScales(double... scales) {
    return with(c -> c.origins = c.origins.withGuidanceScales(scales));
  }

  /**
   * Alternative prompts that are assigned to the candidates cyclically and condition the denoiser
   * in place of the request's prompt. Metrics and probes always score against the request's prompt.
   *
   * @throws InvalidRequestException if a wording is empty or contains a NUL or half a surrogate
   *     pair
   */
  public GenerationRequest wordings(String... prompts) {
    return with(c -> c.origins = c.origins.withWordings(prompts));
  }

  /**
   * Starts some of the candidates from noise near that of the candidates with the best scores at
   * the first cut.
   */
  @Experimental
  public GenerationRequest secondWave(SecondWave wave) {
    return with(c -> c.secondWave = Arguments.require("secondWave", wave));
  }

  /**
   * Starts {@code n} candidates with the seeds 0 to {@code n - 1}.
   *
   * @param n from 1 to 65,536
   * @throws InvalidRequestException if {@code n} is outside that range
   */
  public GenerationRequest candidates(int n) {
    return candidates(n, 0);
  }

  /**
   * Starts {@code n} candidates with consecutive seeds.
   *
   * @param n from 1 to 65,536
   * @param firstSeed the seed of the first candidate
   * @throws InvalidRequestException if {@code n} is outside that range
   */
  public GenerationRequest candidates(int n, long firstSeed) {
    return seeds(CandidateOrigins.consecutive(n, firstSeed));
  }

  /**
   * Starts {@code n} candidates with seeds that differ from call to call, each in the range 0 to
   * 2^32 - 1 that other image generators accept too.
   *
   * @param n from 1 to 65,536
   * @throws InvalidRequestException if {@code n} is outside that range
   */
  public GenerationRequest randomSeeds(int n) {
    return seeds(CandidateOrigins.random(n));
  }

  /**
   * The number of images to return, 1 by default.
   *
   * @throws InvalidRequestException if {@code k} is less than 1
   */
  public GenerationRequest keep(int k) {
    RequestChecks.keep(k);
    return with(c -> c.keep = k);
  }

  /**
   * What the generation may cost at the most, in place of n, k and cuts: the planner chooses the
   * number of candidates and the cuts that maximise the expected quality within it ({@link
   * Pipeline#plan} returns that plan), and of those finished the best {@link #keep} by the metric
   * of the calibration are returned. The seeds are consecutive from the first one given; cuts,
   * signals and forecast are those of the plan. Needs a bundle with a calibration for as many steps
   * as the request has. The metric and the signals of the calibration come from the bundle, unless
   * {@link #rescoreBy} and {@link #signals} give what has their names: a metric that is not in the
   * bundle, a signal of your own. Others than those of the calibration are refused.
   *
   * <p>A budget in denoiser evaluations is never exceeded. The other costs, and the seconds per
   * denoiser evaluation, are measured at the bundle's default size and guidance scale: with larger
   * images, the reproducible mode, previews or many wordings a generation can take longer than a
   * budget in seconds.
   *
   * <pre>{@code
   * GenerationResult result =
   *     pipeline.request("a red circle above a blue square").budget(Budget.fullRuns(3)).generate();
   * }</pre>
   */
  public GenerationRequest budget(Budget budget) {
    return with(c -> c.budget = Arguments.require("budget", budget));
  }

  /** Denoising steps, from 1 to the number of training timesteps of the scheduler. */
  public GenerationRequest steps(int steps) {
    if (steps < 1) {
      throw new InvalidRequestException("steps = " + steps + "; at least one step is needed");
    }
    return with(c -> c.steps = steps);
  }

  /**
   * The guidance scale, at least 0. Under classifier-free guidance a scale of 1 or less switches
   * the unconditional branch off.
   */
  public GenerationRequest guidanceScale(double guidanceScale) {
    Origin.checkGuidanceScale(guidanceScale);
    return with(c -> c.guidanceScale = guidanceScale);
  }

  /** The size of the image in pixels; the model determines which sizes are possible. */
  public GenerationRequest size(int width, int height) {
    return with(
        c -> {
          c.width = width;
          c.height = height;
        });
  }

  /**
   * The point at which the candidates are scored and all but {@link #keep} are dropped; by default
   * a fifth of the steps. Replaces {@link #cuts}.
   */
  public GenerationRequest decideAt(DecisionPoint decisionPoint) {
    Arguments.require("decideAt", decisionPoint);
    return with(
        c -> {
          c.decisionPoint = decisionPoint;
          c.cuts = null;
        });
  }

  /**
   * Drops candidates at several points instead of one: at each cut the candidates that still run
   * are scored, and as many as the cut keeps go on. The last cut keeps as many as {@link #keep}, or
   * more if the finished images are scored too. Without any cut all candidates are finished.
   *
   * <pre>{@code
   * GenerationRequest narrowing =
   *     request.candidates(16).cuts(Cut.at(0.1, 8), Cut.at(0.3, 3)).rescoreBy(metric).keep(1);
   * }</pre>
   */
  public GenerationRequest cuts(Cut... cuts) {
    return with(c -> c.cuts = Arguments.requireAll("cuts", cuts));
  }

  /** The policy that decides which candidates go on; {@link SelectionPolicy#topK()} by default. */
  public GenerationRequest policy(SelectionPolicy policy) {
    return with(c -> c.policy = Arguments.require("policy", policy));
  }

  /** The probe that scores the candidates; that of the bundle by default. The caller closes it. */
  public GenerationRequest probe(Probe probe) {
    return signals(Arguments.require("probe", probe));
  }

  /**
   * The signals that score the candidates at every decision point; the probe of the bundle by
   * default. The caller closes them. Unless {@link #forecast} combines them, only the first signal
   * determines the score, and the others are recorded in {@link Candidate#readings}.
   *
   * @throws InvalidRequestException if two signals have the same name, or a name contains a NUL or
   *     half a surrogate pair
   */
  public GenerationRequest signals(Signal... signals) {
    List<Signal> given = RequestChecks.signals(signals);
    return with(c -> c.signals = given);
  }

  /**
   * Computes a candidate's score from its readings so far; {@link Forecast#latest()} by default.
   */
  public GenerationRequest forecast(Forecast forecast) {
    return with(c -> c.forecast = Arguments.require("forecast", forecast));
  }

  /**
   * Scores the finished images by a metric, and returns the best {@link #keep} of them. The last
   * cut may then keep more. The caller closes the metric.
   *
   * @throws InvalidRequestException if its name contains a NUL or half a surrogate pair
   */
  public GenerationRequest rescoreBy(QualityMetric metric) {
    WritableText.require("the name of the metric", Arguments.require("rescoreBy", metric).name());
    return with(c -> c.finalMetric = metric);
  }

  /**
   * Is shown the candidates at the decision point, or where {@link #observeAt} sets, for instance
   * to collect training data: all together, in the reproducible mode one by one. The activations
   * are captured even when all candidates are kept and nothing is scored; they are released when
   * the observer returns. What it throws ends the generation.
   */
  public GenerationRequest observer(Consumer<Observation> observer) {
    return with(c -> c.observer = Arguments.require("observer", observer));
  }

  /**
   * When the observer is shown the candidates that still run: all of them up to the decision point,
   * after it those that are kept. Points that fall on the same step are one. At the decision point
   * alone by default.
   */
  public GenerationRequest observeAt(DecisionPoint... points) {
    return with(c -> c.observedAt = Arguments.requireAll("observeAt", points));
  }

  /** Is told of progress, decisions and images. */
  public GenerationRequest listener(GenerationListener listener) {
    return with(c -> c.listener = Arguments.require("listener", listener));
  }

  /**
   * Whether the result holds a preview of every candidate, at the cost of one image decoding each.
   */
  public GenerationRequest previews(boolean previews) {
    return with(c -> c.previews = previews);
  }

  /**
   * Has the listener receive a preview of every running candidate after every {@code steps}
   * denoising steps, at the cost of one decoding each; by default none is decoded. The images do
   * not depend on it. After the last step there is none, as the image itself follows.
   *
   * @param steps at least 1
   * @throws InvalidRequestException if it is less than 1
   */
  public GenerationRequest previewEvery(int steps) {
    if (steps < 1) {
      throw new InvalidRequestException(
          "a preview every " + steps + " steps; it is at least every step");
    }
    return with(c -> c.previewEvery = steps);
  }

  /**
   * Whether an image is bit-identical whatever other candidates run. Every denoiser call then
   * evaluates a single candidate, which takes longer; otherwise the batch size may change the last
   * digits.
   */
  public GenerationRequest reproducible(boolean reproducible) {
    return with(c -> c.reproducible = reproducible);
  }

  /**
   * The maximum number of candidates in one denoiser call. By default it is 4 on the CPU, and on a
   * GPU as many as its memory holds, which the first call of the pipeline measures on a single
   * candidate. A call that runs out of memory is done again with half as many candidates, whose
   * images are those of the smaller size. Has no effect in the reproducible mode, where a call
   * evaluates one candidate.
   *
   * @throws InvalidRequestException if it is less than 1
   */
  public GenerationRequest microBatchSize(int microBatchSize) {
    if (microBatchSize < 1) {
      throw new InvalidRequestException(
          "micro-batch size " + microBatchSize + "; a call evaluates at least one candidate");
    }
    return with(c -> c.microBatchSize = microBatchSize);
  }

  /**
   * The deadline of the generation, which stops before the first denoiser call after it. The
   * candidates of a {@link #open session} keep the steps they have done.
   */
  public GenerationRequest deadline(Instant deadline) {
    return with(c -> c.deadline = Arguments.require("deadline", deadline));
  }

  /**
   * Runs the generation on the calling thread. Interrupting the thread cancels it at the next
   * denoising step.
   *
   * @throws InvalidRequestException if the model does not support a setting
   * @throws io.github.probeselect.error.GenerationCancelledException if the thread is interrupted
   *     or the pipeline closed
   * @throws io.github.probeselect.error.DeadlineExceededException if the deadline is past
   * @throws io.github.probeselect.error.BackendException if the engine fails
   */
  @CanIgnoreReturnValue
  public GenerationResult generate() {
    return pipeline.generations().run(options);
  }

  /**
   * Runs the generation on another thread and returns at once. A pipeline runs eight generations at
   * a time; the others are queued in the order in which they were started, and react to
   * cancellation, deadline and {@link Pipeline#close} while queued. Measuring and planning for a
   * {@link #budget} are part of the generation and are cancelled with it. A generation that is
   * started in a callback of another one is queued separately from those that were started outside
   * callbacks.
   *
   * @throws InvalidRequestException if the model does not support a setting
   * @throws io.github.probeselect.error.BackendException if the pipeline is closed
   */
  @CanIgnoreReturnValue
  public Generation start() {
    return pipeline.generations().start(options);
  }

  /**
   * Opens an interactive session. Nothing runs until the caller advances it; the caller selects
   * candidates, or lets {@link #policy} select. {@link #keep} is the number of images wanted in the
   * end, which the adaptive policy reads.
   *
   * @throws InvalidRequestException if the model does not support a setting, or the request has
   *     {@link #cuts}, a {@link #budget} or a {@link #secondWave}, which sessions do not support
   */
  public Session open() {
    return pipeline.session(ResolvedRequest.ofSession(options, pipeline.loaded()), Run::of);
  }

  RequestOptions options() {
    return options;
  }
}
