package io.github.probeselect;

import io.github.probeselect.error.InvalidRequestException;
import io.github.probeselect.model.Observation;
import io.github.probeselect.model.Probe;
import io.github.probeselect.model.QualityMetric;
import io.github.probeselect.model.Signal;
import io.github.probeselect.noise.StartingNoise;
import io.github.probeselect.planning.Budget;
import io.github.probeselect.selection.Cut;
import io.github.probeselect.selection.DecisionPoint;
import io.github.probeselect.selection.Forecast;
import io.github.probeselect.selection.SelectionPolicy;
import io.github.probeselect.text.WritableText;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A request being put together; {@link #generate} or {@link #start} carries it out. What is not
 * said takes the bundle's defaults. Not thread-safe; it may be used again after a generation, with
 * the same or changed settings.
 *
 * <p>Every setter throws {@link InvalidRequestException} for a value that no model could take; what
 * depends on the model is checked when the generation begins.
 *
 * <pre>{@code
 * GenerationResult result =
 *     pipeline
 *         .request("two green stars on a striped tan background")
 *         .negativePrompt("a red circle")
 *         .candidates(16)
 *         .keep(4)
 *         .steps(30)
 *         .guidanceScale(4)
 *         .size(64, 48)
 *         .decideAt(DecisionPoint.fraction(0.25))
 *         .generate();
 * }</pre>
 */
public final class GenerationRequest {

  private final Pipeline pipeline;
  final String prompt;
  String negativePrompt = "";
  private List<Long> seeds = List.of(0L);
  private List<Origin> origins = List.of();
  private List<Double> guidanceScales = List.of();
  private List<String> wordings = List.of();
  @Nullable SecondWave secondWave;
  int keep = 1;
  @Nullable Integer steps;
  @Nullable Double guidanceScale;
  @Nullable Integer width;
  @Nullable Integer height;
  DecisionPoint decisionPoint = DecisionPoint.fraction(0.2);
  SelectionPolicy policy = SelectionPolicy.topK();
  @Nullable List<Cut> cuts;
  List<Signal> signals = List.of();
  Forecast forecast = Forecast.latest();
  @Nullable QualityMetric finalMetric;
  private @Nullable Budget budget;
  @Nullable Consumer<Observation> observer;
  List<DecisionPoint> observedAt = List.of();
  GenerationListener listener = new GenerationListener() {};
  boolean previews;
  boolean reproducible;
  int microBatchSize = 4;
  @Nullable Instant deadline;

  GenerationRequest(Pipeline pipeline, String prompt) {
    checkPrompt(prompt);
    this.pipeline = pipeline;
    this.prompt = WritableText.require("the prompt", prompt);
  }

  /**
   * Checks what can be checked without a model.
   *
   * @throws InvalidRequestException if the prompt is missing or empty, {@code n} is less than 1, or
   *     {@code k} is not from 1 to {@code n}
   */
  static void check(@Nullable String prompt, int n, int k) {
    checkPrompt(prompt);
    checkCount(n);
    checkKeep(k);
    checkKeep(k, n);
  }

  private static void checkPrompt(@Nullable String prompt) {
    if (prompt == null) {
      throw new InvalidRequestException("the prompt is null; say what the image shows");
    }
    if (prompt.isBlank()) {
      throw new InvalidRequestException("the prompt is empty; say what the image shows");
    }
  }

  private static void checkKeep(int k) {
    if (k < 1) {
      throw new InvalidRequestException("k = " + k + "; at least one candidate must be kept");
    }
  }

  static void checkKeep(int k, int n) {
    if (k > n) {
      throw new InvalidRequestException(
          "k = " + k + " of n = " + n + " candidates cannot be kept; lower k or raise n");
    }
  }

  /** The same again, but for the budget. */
  private GenerationRequest(GenerationRequest other) {
    pipeline = other.pipeline;
    prompt = other.prompt;
    negativePrompt = other.negativePrompt;
    seeds = other.seeds;
    origins = other.origins;
    guidanceScales = other.guidanceScales;
    wordings = other.wordings;
    secondWave = other.secondWave;
    keep = other.keep;
    steps = other.steps;
    guidanceScale = other.guidanceScale;
    width = other.width;
    height = other.height;
    decisionPoint = other.decisionPoint;
    policy = other.policy;
    cuts = other.cuts;
    signals = other.signals;
    forecast = other.forecast;
    finalMetric = other.finalMetric;
    observer = other.observer;
    observedAt = other.observedAt;
    listener = other.listener;
    previews = other.previews;
    reproducible = other.reproducible;
    microBatchSize = other.microBatchSize;
    deadline = other.deadline;
  }

  /**
   * What the image should not show; empty by default. Needs classifier-free guidance.
   *
   * @throws InvalidRequestException if it contains a NUL or half a surrogate pair
   */
  public GenerationRequest negativePrompt(String negativePrompt) {
    this.negativePrompt = WritableText.require("the negative prompt", negativePrompt);
    return this;
  }

  /**
   * The seeds of the candidates, any {@code long} values; {@code 0} by default. Only the low 32
   * bits of a seed count.
   *
   * @throws InvalidRequestException if there is none, one occurs twice, or two differ by a multiple
   *     of 2^32 and so give the same image
   */
  public GenerationRequest seeds(long... seeds) {
    if (seeds.length == 0) {
      throw new InvalidRequestException("there are no seeds; at least one candidate is needed");
    }
    Map<Long, Long> found = new HashMap<>();
    for (long seed : seeds) {
      Long before = found.putIfAbsent(StartingNoise.effective(seed), seed);
      if (before != null) {
        throw new InvalidRequestException(
            "a seed occurs twice: "
                + before
                + " and "
                + seed
                + (before == seed ? "" : ", which differ by a multiple of 2^32,")
                + " give the same image, so give each once");
      }
    }
    this.seeds = LongStream.of(seeds).boxed().toList();
    this.origins = List.of();
    return this;
  }

  /**
   * Says of every candidate where it comes from, in place of seeds alone.
   *
   * @throws InvalidRequestException if there is none
   */
  public GenerationRequest origins(Origin... origins) {
    if (origins.length == 0) {
      throw new InvalidRequestException("there are no origins; at least one candidate is needed");
    }
    this.origins = List.of(origins);
    return this;
  }

  /**
   * Guidance scales that the candidates take in turn. Combined with {@link #wordings} every
   * combination takes its turn.
   *
   * @throws InvalidRequestException if one is not a number of at least 0
   */
  public GenerationRequest guidanceScales(double... scales) {
    DoubleStream.of(scales).forEach(Origin::checkGuidanceScale);
    this.guidanceScales = DoubleStream.of(scales).boxed().toList();
    return this;
  }

  /**
   * Wordings of the prompt that the candidates take in turn. How well an image meets the prompt of
   * the request is what metrics judge, whatever the wording was.
   *
   * @throws InvalidRequestException if one is empty or contains a NUL or half a surrogate pair
   */
  public GenerationRequest wordings(String... prompts) {
    for (int i = 0; i < prompts.length; i++) {
      Origin.checkWording("wording " + (i + 1), prompts[i]);
    }
    this.wordings = List.of(prompts);
    return this;
  }

  /** Has some of the candidates start near those that looked good at the first cut. */
  public GenerationRequest secondWave(SecondWave wave) {
    this.secondWave = wave;
    return this;
  }

  /** Where the candidates come from. */
  List<Origin> resolvedOrigins() {
    if (!origins.isEmpty()) {
      if (!guidanceScales.isEmpty() || !wordings.isEmpty()) {
        throw new InvalidRequestException(
            "origins say guidance scale and wording of every candidate; leave guidanceScales and"
                + " wordings out, or give seeds instead of origins");
      }
      return origins;
    }
    return IntStream.range(0, seeds.size()).mapToObj(this::origin).toList();
  }

  private Origin origin(int index) {
    Origin origin = Origin.seed(seeds.get(index));
    if (!wordings.isEmpty()) {
      int turn = index / Math.max(1, guidanceScales.size());
      origin = origin.wording(wordings.get(turn % wordings.size()));
    }
    return guidanceScales.isEmpty()
        ? origin
        : origin.guidanceScale(guidanceScales.get(index % guidanceScales.size()));
  }

  /**
   * Starts {@code n} candidates with the seeds 0 to {@code n - 1}.
   *
   * @throws InvalidRequestException if {@code n} is less than 1
   */
  public GenerationRequest candidates(int n) {
    return candidates(n, 0);
  }

  /**
   * Starts {@code n} candidates with consecutive seeds.
   *
   * @param firstSeed the seed of the first candidate
   * @throws InvalidRequestException if {@code n} is less than 1
   */
  public GenerationRequest candidates(int n, long firstSeed) {
    checkCount(n);
    return seeds(LongStream.range(0, n).map(i -> firstSeed + i).toArray());
  }

  /**
   * Starts {@code n} candidates with seeds that differ from call to call, each in the range 0 to
   * 2^32 - 1 that all image tools accept.
   *
   * @throws InvalidRequestException if {@code n} is less than 1
   */
  public GenerationRequest randomSeeds(int n) {
    checkCount(n);
    SplittableRandom random = new SplittableRandom(ThreadLocalRandom.current().nextLong());
    return seeds(random.longs(0, 1L << 32).distinct().limit(n).toArray());
  }

  private static void checkCount(int n) {
    if (n < 1) {
      throw new InvalidRequestException("n = " + n + "; at least one candidate is needed");
    }
  }

  /**
   * How many candidates are finished, 1 by default.
   *
   * @throws InvalidRequestException if {@code k} is less than 1
   */
  public GenerationRequest keep(int k) {
    checkKeep(k);
    this.keep = k;
    return this;
  }

  /**
   * What the generation may cost at the most, in place of n, k and cuts: as many candidates are
   * started, and dropped when, as promise most for it ({@link Pipeline#plan} says in numbers what
   * that is), and of those finished the best {@link #keep} by the metric of the calibration are
   * returned. The seeds are consecutive from the first one given; cuts, signals and forecast are
   * those of the plan. Needs a bundle with a calibration for as many steps as the request has. The
   * metric and the signals of the calibration come from the bundle, unless {@link #rescoreBy} and
   * {@link #signals} give what has their names: a metric that is not in the bundle, a signal of
   * your own. Others than those of the calibration are refused.
   *
   * <p>Denoiser evaluations are never exceeded. What other things cost, and how long an evaluation
   * takes, is measured in the bundle's default size and guidance: larger images, the reproducible
   * mode, previews or many wordings take more time than a budget in seconds says.
   *
   * <pre>{@code
   * GenerationResult result =
   *     pipeline.request("a red circle above a blue square").budget(Budget.fullRuns(3)).generate();
   * }</pre>
   */
  public GenerationRequest budget(Budget budget) {
    this.budget = budget;
    return this;
  }

  /** Denoising steps, from 1 to the number of training timesteps of the scheduler. */
  public GenerationRequest steps(int steps) {
    if (steps < 1) {
      throw new InvalidRequestException("steps = " + steps + "; at least one step is needed");
    }
    this.steps = steps;
    return this;
  }

  /**
   * The guidance scale, at least 0. Under classifier-free guidance a scale of 1 or less switches
   * the unconditional branch off.
   */
  public GenerationRequest guidanceScale(double guidanceScale) {
    Origin.checkGuidanceScale(guidanceScale);
    this.guidanceScale = guidanceScale;
    return this;
  }

  /** The size of the image in pixels; which sizes are possible is up to the model. */
  public GenerationRequest size(int width, int height) {
    this.width = width;
    this.height = height;
    return this;
  }

  /**
   * When the candidates are judged and all but {@link #keep} are dropped; once a fifth of the steps
   * is done by default. Replaces {@link #cuts}.
   */
  public GenerationRequest decideAt(DecisionPoint decisionPoint) {
    this.decisionPoint = decisionPoint;
    this.cuts = null;
    return this;
  }

  /**
   * Drops candidates at several points instead of one: at each cut those who still run are judged,
   * and as many as it says go on. The last cut keeps as many as {@link #keep} says, or more if the
   * finished images are scored too. Without any cut all candidates are finished.
   *
   * <pre>{@code
   * request.candidates(16).cuts(Cut.at(0.1, 8), Cut.at(0.3, 3)).rescoreBy(metric).keep(1);
   * }</pre>
   */
  public GenerationRequest cuts(Cut... cuts) {
    this.cuts = List.of(cuts);
    return this;
  }

  /** Who decides which candidates go on; {@link SelectionPolicy#topK()} by default. */
  public GenerationRequest policy(SelectionPolicy policy) {
    this.policy = policy;
    return this;
  }

  /** Who scores the candidates; the probe of the bundle by default. The caller closes it. */
  public GenerationRequest probe(Probe probe) {
    return signals(probe);
  }

  /**
   * Who is asked about the candidates at every decision point; the probe of the bundle by default.
   * The caller closes them. Unless {@link #forecast} says otherwise, the first one's word counts,
   * and the others' are recorded in {@link Candidate#readings}.
   *
   * @throws InvalidRequestException if two have the same name, or a name contains a NUL or half a
   *     surrogate pair
   */
  public GenerationRequest signals(Signal... signals) {
    Stream.of(signals)
        .forEach(signal -> WritableText.require("the name of a signal", signal.name()));
    if (Stream.of(signals).map(Signal::name).distinct().count() != signals.length) {
      throw new InvalidRequestException(
          "two of the signals have the same name, so that nobody could tell what they say apart: "
              + Stream.of(signals).map(Signal::name).toList());
    }
    this.signals = List.of(signals);
    return this;
  }

  /** What makes one score of the readings so far; {@link Forecast#latest()} by default. */
  public GenerationRequest forecast(Forecast forecast) {
    this.forecast = forecast;
    return this;
  }

  /**
   * Scores the finished images by a metric, and returns the best {@link #keep} of them. The last
   * cut may then keep more. The caller closes the metric.
   *
   * @throws InvalidRequestException if its name contains a NUL or half a surrogate pair
   */
  public GenerationRequest rescoreBy(QualityMetric metric) {
    WritableText.require("the name of the metric", metric.name());
    this.finalMetric = metric;
    return this;
  }

  /**
   * Who is shown the candidates at the decision point, or where {@link #observeAt} says, for
   * instance to collect training data: all together, in the reproducible mode one by one. The
   * activations are captured even when all candidates are kept and nothing is scored; they are
   * released when the observer returns. What it throws ends the generation.
   */
  public GenerationRequest observer(Consumer<Observation> observer) {
    this.observer = observer;
    return this;
  }

  /**
   * When the observer is shown those who still run: everyone up to the decision point, after it
   * those who are kept. Points that fall on the same step are one. At the decision point alone by
   * default.
   */
  public GenerationRequest observeAt(DecisionPoint... points) {
    this.observedAt = List.of(points);
    return this;
  }

  /** Who watches. */
  public GenerationRequest listener(GenerationListener listener) {
    this.listener = listener;
    return this;
  }

  /**
   * Whether every candidate is shown as a preview in the result, at the cost of one image decoding
   * each.
   */
  public GenerationRequest previews(boolean previews) {
    this.previews = previews;
    return this;
  }

  /**
   * Whether an image is the same bit for bit whatever runs beside its candidate. Every denoiser
   * call then evaluates one candidate alone, which takes longer; otherwise the batch size may
   * change the last digits.
   */
  public GenerationRequest reproducible(boolean reproducible) {
    this.reproducible = reproducible;
    return this;
  }

  /**
   * How many candidates one denoiser call evaluates at the most, 4 by default. Larger batches need
   * more memory. Without meaning in the reproducible mode.
   *
   * @throws InvalidRequestException if less than 1
   */
  public GenerationRequest microBatchSize(int microBatchSize) {
    if (microBatchSize < 1) {
      throw new InvalidRequestException(
          "micro-batch size " + microBatchSize + "; a call evaluates at least one candidate");
    }
    this.microBatchSize = microBatchSize;
    return this;
  }

  /**
   * Until when the result is needed: at the first denoising step past that moment the generation
   * stops. A {@link #open session} keeps what it has reached.
   */
  public GenerationRequest deadline(Instant deadline) {
    this.deadline = deadline;
    return this;
  }

  /**
   * Carries the request out on the calling thread. Interrupting the thread cancels it at the next
   * denoising step.
   *
   * @throws InvalidRequestException if the model cannot do what is asked
   * @throws io.github.probeselect.error.GenerationCancelledException if the thread is interrupted
   *     or the pipeline closed
   * @throws io.github.probeselect.error.DeadlineExceededException if the deadline is past
   * @throws io.github.probeselect.error.BackendException if the engine fails
   */
  public GenerationResult generate() {
    return pipeline.generate(Optional.ofNullable(deadline), planning());
  }

  /**
   * Carries the request out on another thread, and returns at once. Of a pipeline's generations
   * eight run at a time; the others wait for their turn, first come, first served, and obey
   * cancellation, deadline and {@link Pipeline#close} while they wait. What a {@link #budget} needs
   * in measuring and planning is part of the generation, and is cancelled with it. A generation
   * that is started in a callback of another does not wait for those that were started outside.
   *
   * @throws InvalidRequestException if the model cannot do what is asked
   * @throws io.github.probeselect.error.BackendException if the pipeline is closed
   */
  public Generation start() {
    return pipeline.start(Optional.ofNullable(deadline), planning());
  }

  /**
   * Begins a session: nothing runs yet, and who goes on is decided by hand or by {@link #policy}
   * whenever the caller likes. {@link #keep} says how many are wanted in the end, which the
   * adaptive policy reads; {@link #cuts} and {@link #budget} have no meaning there.
   *
   * @throws InvalidRequestException if the model cannot do what is asked
   */
  public Session open() {
    return new Session(pipeline, Plan.ofSession(this, pipeline.model(), pipeline.scheduler()));
  }

  /** How many steps the schedule will have. */
  int scheduleSteps() {
    return Plan.scheduleOf(this, pipeline.model(), pipeline.scheduler()).steps();
  }

  /** How to come by the plan once there is a cancellation to obey; what can be checked now, is. */
  private Function<Cancellation, Plan> planning() {
    Budget toSpend = budget;
    if (toSpend == null) {
      Plan plan = plan();
      return cancellation -> plan;
    }
    if (!origins.isEmpty()) {
      throw new InvalidRequestException(
          "a budget says how many candidates there are, and so do origins; give seeds,"
              + " guidanceScales or wordings instead of origins");
    }
    Spending spending = pipeline.spending();
    spending.check(toSpend, this);
    long firstSeed = seeds.get(0);
    fullRuns(firstSeed).plan();
    GenerationRequest planned = new GenerationRequest(this);
    return cancellation -> {
      spending.apply(toSpend, firstSeed, planned, cancellation);
      return planned.plan();
    };
  }

  /** The least that a budget may come to, to see whether the model can do all the rest. */
  private GenerationRequest fullRuns(long firstSeed) {
    GenerationRequest least = new GenerationRequest(this).candidates(keep, firstSeed).cuts();
    least.secondWave = null;
    return least;
  }

  /** All settled, as it stands. */
  Plan plan() {
    return Plan.of(this, pipeline.model(), pipeline.scheduler());
  }
}
