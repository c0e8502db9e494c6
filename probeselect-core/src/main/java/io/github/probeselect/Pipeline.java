package io.github.probeselect;

import io.github.probeselect.bundle.BundleManifest;
import io.github.probeselect.error.BackendException;
import io.github.probeselect.error.InvalidBundleException;
import io.github.probeselect.error.InvalidRequestException;
import io.github.probeselect.internal.Arguments;
import io.github.probeselect.model.DiffusionModel;
import io.github.probeselect.model.Probe;
import io.github.probeselect.model.QualityMetric;
import io.github.probeselect.model.Signal;
import io.github.probeselect.planning.Budget;
import io.github.probeselect.planning.Calibration;
import io.github.probeselect.planning.Costs;
import io.github.probeselect.planning.Proposal;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;

/**
 * A loaded model, ready to generate. Thread-safe: any number of threads may generate at once, and
 * the images of each do not depend on the others. Open one with {@link ProbeSelect#open} and close
 * it when done.
 *
 * <pre>{@code
 * try (Pipeline pipeline = ProbeSelect.open(Path.of("my-bundle"))) {
 *   GenerationResult result = pipeline.generate("a red circle above a blue square", 16, 4);
 *   result.writeTo(Path.of("images"));
 * }
 * }</pre>
 */
public final class Pipeline implements AutoCloseable {

  private final LoadedModel loaded;
  private final Optional<BudgetPlanner> budgetPlanner;
  private final Generations generations;

  /**
   * Wraps a loaded model and takes ownership of it.
   *
   * @throws InvalidBundleException if its scheduler is unknown, has an option that is not supported
   *     or does not support the default number of steps; the model is closed then
   */
  public Pipeline(DiffusionModel model) {
    this(model, Optional.empty());
  }

  /**
   * Wraps a loaded model with its calibration, for requests with a budget.
   *
   * @throws InvalidBundleException as above
   * @throws io.github.probeselect.error.InvalidCalibrationException if the calibration is that of
   *     another model; the model is closed then
   */
  public Pipeline(DiffusionModel model, Optional<Calibration> calibration) {
    this(List.of(Arguments.require("model", model)), calibration);
  }

  /**
   * Wraps one model that was loaded once for each of several devices. Every request runs on the
   * device that is least busy when it begins, a session on the one that was when it was opened.
   *
   * @throws InvalidRequestException if there is no model, or they are not loaded from the same
   *     bundle; all models are closed then
   * @throws InvalidBundleException as above
   * @throws io.github.probeselect.error.InvalidCalibrationException as above
   */
  public Pipeline(List<? extends DiffusionModel> models, Optional<Calibration> calibration) {
    this(models, calibration, false);
  }

  Pipeline(
      List<? extends DiffusionModel> models,
      Optional<Calibration> calibration,
      boolean releaseTextEncoder) {
    this(models, calibration, Options.defaults().releaseTextEncoder(releaseTextEncoder));
  }

  /** Wraps models with those of the options that do not concern opening them. */
  Pipeline(
      List<? extends DiffusionModel> models, Optional<Calibration> calibration, Options options) {
    List<DiffusionModel> owned = Arguments.requireAll("models", models);
    try {
      Arguments.require("calibration", calibration);
      this.loaded = LoadedModel.of(new ModelPool(owned), options.releaseTextEncoder());
      this.budgetPlanner = calibration.map(measured -> new BudgetPlanner(loaded, measured));
    } catch (RuntimeException e) {
      ModelPool.closeAll(owned);
      throw e;
    }
    this.generations = new Generations(loaded, budgetPlanner, owned.size(), options.listeners());
  }

  /**
   * How a pipeline is opened, for {@link ProbeSelect#open(Path, Options)}. Immutable.
   *
   * <pre>{@code
   * Pipeline onOneGpu = ProbeSelect.open(bundle, Pipeline.Options.defaults().device("cuda:1"));
   * Pipeline onAllGpus = ProbeSelect.open(bundle, Pipeline.Options.defaults().devices("cuda:*"));
   * }</pre>
   */
  @CheckReturnValue
  public static final class Options {

    private static final Options DEFAULTS =
        new Options(List.of(DeviceChoice.AUTO), Optional.empty(), false, List.of());

    private final List<DeviceChoice> devices;
    private final Optional<Optional<Calibration>> calibration;
    private final boolean releaseTextEncoder;
    private final List<Supplier<? extends GenerationListener>> listeners;

    private Options(
        List<DeviceChoice> devices,
        Optional<Optional<Calibration>> calibration,
        boolean releaseTextEncoder,
        List<Supplier<? extends GenerationListener>> listeners) {
      this.listeners = listeners;
      this.devices = devices;
      this.calibration = calibration;
      this.releaseTextEncoder = releaseTextEncoder;
    }

    /** The device is chosen automatically; a calibration file beside the bundle is read. */
    public static Options defaults() {
      return DEFAULTS;
    }

    /**
     * Sets the device: {@code cpu}; {@code cuda}, which is {@code cuda:0}, the first GPU; {@code
     * cuda:1} and so on; {@code mps}, the GPU of a Mac; or {@code auto}, the default. A bundle that
     * was exported for one device runs automatically on that; one that was exported for every
     * device on the first GPU if there is one, or else on the CPU. The choice is logged.
     *
     * @throws InvalidRequestException if it is no name of a device
     */
    public Options device(String name) {
      return new Options(
          List.of(DeviceChoice.of(name)), calibration, releaseTextEncoder, listeners);
    }

    /**
     * Sets several devices, on each of which the model is loaded: a request, or a session, runs on
     * the device that is least busy when it begins. The images do not depend on how many devices
     * there are, as far as these compute alike: GPUs of different models differ in rounding.
     *
     * @param names as for {@link #device}; {@code cuda:*} stands for all GPUs
     * @throws InvalidRequestException if there is none, or one is no name of a device
     */
    public Options devices(String... names) {
      List<DeviceChoice> choices =
          Arguments.requireAll("devices", names).stream().map(DeviceChoice::of).toList();
      if (choices.isEmpty()) {
        throw new InvalidRequestException("devices is empty; name at least one, such as auto");
      }
      return new Options(choices, calibration, releaseTextEncoder, listeners);
    }

    /** Sets the calibration, or none; a calibration file beside the bundle is ignored then. */
    public Options calibration(Optional<Calibration> calibration) {
      return new Options(
          devices,
          Optional.of(Arguments.require("calibration", calibration)),
          releaseTextEncoder,
          listeners);
    }

    /**
     * Whether the device memory of the text encoder is released as soon as the prompts of a request
     * are encoded, or those of a session's call that computes; false by default. The denoiser then
     * has that memory, for more candidates in a call. The cost: for the next request, or call, the
     * text encoder is loaded again from its file. Images do not depend on it.
     */
    public Options releaseTextEncoder(boolean releaseTextEncoder) {
      return new Options(devices, calibration, releaseTextEncoder, listeners);
    }

    /**
     * Sets listeners of all generations and sessions of the pipeline, beside those of the requests:
     * for metrics, logs, traces.
     *
     * @param perGeneration each is asked for a listener when a request is made, on the thread that
     *     makes it; if it throws, that is logged and the generation goes on without
     */
    @SafeVarargs
    @SuppressWarnings("varargs") // it is copied
    public final Options listeners(Supplier<? extends GenerationListener>... perGeneration) {
      return new Options(
          devices,
          calibration,
          releaseTextEncoder,
          Arguments.requireAll("listeners", perGeneration));
    }

    List<Supplier<? extends GenerationListener>> listeners() {
      return listeners;
    }

    boolean releaseTextEncoder() {
      return releaseTextEncoder;
    }

    List<DeviceChoice> choices() {
      return devices;
    }

    /** What was set; empty if nothing was. */
    Optional<Optional<Calibration>> calibration() {
      return calibration;
    }
  }

  /** The manifest of the bundle. */
  public BundleManifest manifest() {
    return loaded.manifest();
  }

  /**
   * Starts {@code n} candidates with the seeds 0 to {@code n - 1}, scores them once a fifth of the
   * steps is done, and finishes the {@code k} best.
   *
   * @throws io.github.probeselect.error.InvalidRequestException if the prompt is empty, {@code n}
   *     is less than 1, or {@code k} is not from 1 to {@code n}
   */
  public GenerationResult generate(String prompt, int n, int k) {
    return request(prompt).candidates(n).keep(k).generate();
  }

  /**
   * Creates a request for a prompt.
   *
   * @throws io.github.probeselect.error.InvalidRequestException if the prompt is empty or contains
   *     a NUL or half a surrogate pair
   */
  public GenerationRequest request(String prompt) {
    return new GenerationRequest(this, prompt);
  }

  /**
   * Opens a saved session. The bundle's probe scores its candidates.
   *
   * @throws io.github.probeselect.error.InvalidSessionException if the file is damaged, too new, or
   *     was saved with another model
   */
  public Session openSession(Path file) {
    return openSession(file, request -> request);
  }

  /**
   * Opens a saved session with settings that the file cannot hold.
   *
   * @param with receives a request with the settings of the session and returns one with further
   *     settings: signals, policy, forecast, metric, listener, observer
   * @throws io.github.probeselect.error.InvalidSessionException if the file is damaged, too new, or
   *     was saved with another model
   * @throws InvalidRequestException if {@code with} changes a setting that the images depend on
   */
  public Session openSession(Path file, UnaryOperator<GenerationRequest> with) {
    Arguments.require("file", file);
    Arguments.require("with", with);
    SavedSession saved = SessionFile.read(file, manifest());
    GenerationRequest request =
        Arguments.require(
            "what 'with' returns", with.apply(saved.checked(file, () -> saved.request(this))));
    return session(saved.resolve(request, file, this), resolved -> Run.of(resolved, saved));
  }

  /** A session, on the device that is least busy now; it stays there. */
  Session session(ResolvedRequest request, Function<ResolvedRequest, Run> run) {
    ModelPool.Member member = loaded.pool().leastBusy();
    ResolvedRequest heard = request.on(member.model().device()).heardBy(generations.listeners());
    return new Session(this, run.apply(heard), member);
  }

  /**
   * Plans a generation within a budget: the number of candidates, the cuts, and the expected
   * quality. The first call measures the costs on this machine, which takes some seconds; plans are
   * cached.
   *
   * @param keep the number of images wanted
   * @throws InvalidRequestException if the bundle has no calibration or lacks the metric that it
   *     was made with, or the budget does not pay for that many images; where possible this is
   *     checked before anything is measured
   * @throws io.github.probeselect.error.InvalidCalibrationException if probe or metric of the
   *     bundle differ from those of the calibration, or one of its signals is missing
   * @throws io.github.probeselect.error.GenerationCancelledException if the thread is interrupted
   *     or the pipeline closed meanwhile
   */
  public Proposal plan(Budget budget, int keep) {
    Arguments.require("budget", budget);
    return planned(budget, keep, generations.planner().calibratedSignals(null, List.of()));
  }

  /**
   * Plans a generation within a budget where the calibration was made with a metric, or signals,
   * that the bundle does not have. The caller closes them. {@link GenerationRequest#budget} uses
   * those of {@link GenerationRequest#rescoreBy} and {@link GenerationRequest#signals}.
   *
   * <pre>{@code
   * Proposal proposal = pipeline.plan(Budget.fullRuns(3), 1, clipScore);
   * GenerationResult result =
   *     pipeline.request(prompt).budget(Budget.fullRuns(3)).rescoreBy(clipScore).generate();
   * }</pre>
   *
   * @param keep the number of images wanted
   * @param metric the metric of the calibration
   * @param signals signals of the calibration, in place of the bundle's signals of the same names
   * @throws InvalidRequestException if the bundle has no calibration, or one that was made with
   *     another metric or without one of these signals, or the budget does not pay for that many
   *     images
   * @throws io.github.probeselect.error.InvalidCalibrationException if metric, signals or probe are
   *     other versions than those of the calibration, or one of its signals is missing
   * @throws io.github.probeselect.error.GenerationCancelledException if the thread is interrupted
   *     or the pipeline closed meanwhile
   */
  public Proposal plan(Budget budget, int keep, QualityMetric metric, Signal... signals) {
    Arguments.require("budget", budget);
    return planned(budget, keep, calibratedSignals(metric, signals));
  }

  private CalibratedSignals calibratedSignals(QualityMetric metric, Signal... signals) {
    Arguments.require("metric", metric);
    List<Signal> given = Arguments.requireAll("signals", signals);
    return generations.planner().calibratedSignals(metric, given);
  }

  private Proposal planned(Budget budget, int keep, CalibratedSignals calibrated) {
    Cancellation cancellation = new Cancellation(Optional.empty());
    BudgetPlanner planner = generations.planner();
    planner.check(budget, keep);
    return generations.during(
        cancellation, () -> planner.plan(budget, keep, calibrated, cancellation));
  }

  /** The calibration of the model, if it has one. */
  public Optional<Calibration> calibration() {
    return budgetPlanner.map(BudgetPlanner::calibration);
  }

  /**
   * A learned metric that ships with the model.
   *
   * @throws io.github.probeselect.error.InvalidRequestException if there is none of that name
   */
  public QualityMetric metric(String name) {
    return loaded.diffusion().metric(Arguments.require("name", name));
  }

  /**
   * The probes of the bundle as one signal, which uses the probe trained for the current fraction
   * done. Scoring with it throws {@link InvalidRequestException} if the bundle has none.
   */
  public Signal probe() {
    return new BundledProbe(loaded.diffusion());
  }

  /**
   * The costs of the calibration's signals and of finishing an image on this machine. The first
   * call measures them, which takes some seconds.
   *
   * @throws InvalidRequestException if the bundle has no calibration or lacks the metric that it
   *     was made with
   * @throws io.github.probeselect.error.InvalidCalibrationException as {@link #plan} does
   * @throws io.github.probeselect.error.GenerationCancelledException if the thread is interrupted
   *     or the pipeline closed meanwhile
   */
  public Costs costs() {
    return measured(generations.planner().calibratedSignals(null, List.of()));
  }

  /**
   * The costs with a metric and signals that the bundle does not have; see {@link #plan(Budget,
   * int, QualityMetric, Signal...)}.
   */
  public Costs costs(QualityMetric metric, Signal... signals) {
    return measured(calibratedSignals(metric, signals));
  }

  private Costs measured(CalibratedSignals calibrated) {
    Cancellation cancellation = new Cancellation(Optional.empty());
    return generations.during(
        cancellation, () -> generations.planner().costs(calibrated, cancellation));
  }

  /**
   * Opens a probe that lies outside the bundle, for {@link GenerationRequest#probe}. The caller
   * closes it.
   *
   * @param file the probe's JSON file
   * @throws io.github.probeselect.error.InvalidProbeException if it is damaged or was trained for
   *     another model or tap
   */
  public Probe openProbe(Path file) {
    return loaded.diffusion().openProbe(Arguments.require("file", file));
  }

  /**
   * The loaded model, for code below the level of requests, such as data collection. With several
   * devices it computes on that of the request in whose callback it is called, so that signals made
   * of it follow the request, and outside requests on the first.
   */
  public DiffusionModel model() {
    return loaded.diffusion();
  }

  LoadedModel loaded() {
    return loaded;
  }

  Generations generations() {
    return generations;
  }

  /**
   * Stops running generations before their next denoiser call, fails queued ones, waits until none
   * runs, and releases the model. Running and queued generations fail with {@link
   * io.github.probeselect.error.GenerationCancelledException}, later ones with {@link
   * BackendException}. Closing twice has no further effect.
   *
   * <p>A callback (listener, observer, signal, policy, forecast, metric) may itself wait for this
   * call, so the call waits at most a second for a callback, and not at all when a callback of this
   * pipeline makes it. The model is then released when the last generation has ended.
   */
  @Override
  public void close() {
    generations.close();
  }
}
