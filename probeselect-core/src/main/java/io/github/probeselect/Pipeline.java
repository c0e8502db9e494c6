package io.github.probeselect;

import io.github.probeselect.bundle.BundleManifest;
import io.github.probeselect.error.BackendException;
import io.github.probeselect.error.InvalidBundleException;
import io.github.probeselect.error.InvalidRequestException;
import io.github.probeselect.error.InvalidSessionException;
import io.github.probeselect.model.DiffusionModel;
import io.github.probeselect.model.Probe;
import io.github.probeselect.model.QualityMetric;
import io.github.probeselect.model.Signal;
import io.github.probeselect.planning.Budget;
import io.github.probeselect.planning.Calibration;
import io.github.probeselect.planning.Costs;
import io.github.probeselect.planning.Proposal;
import io.github.probeselect.schedule.Scheduler;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A loaded model, ready to generate. Thread-safe: any number of threads may generate at once, and
 * each gets the images it would get alone. Open one with {@link ProbeSelect#open} and close it when
 * done.
 *
 * <pre>{@code
 * try (Pipeline pipeline = ProbeSelect.open(Path.of("my-bundle"))) {
 *   GenerationResult result = pipeline.generate("a red circle above a blue square", 16, 4);
 *   result.writeTo(Path.of("images"));
 * }
 * }</pre>
 */
public final class Pipeline implements AutoCloseable {

  private final DiffusionModel model;
  private final Scheduler scheduler;
  private final Optional<Spending> spending;
  private final Lifecycle lifecycle;
  private final GenerationThreads threads = new GenerationThreads();

  /**
   * Wraps a model that is already loaded, and owns it from now on.
   *
   * @throws InvalidBundleException if its scheduler is unknown, has an option that is not supported
   *     or cannot do the default steps; the model is closed then
   */
  public Pipeline(DiffusionModel model) {
    this(model, Optional.empty());
  }

  /**
   * Wraps a model with what was measured of its signals, for requests with a budget.
   *
   * @throws InvalidBundleException as above
   * @throws io.github.probeselect.error.InvalidCalibrationException if the calibration is that of
   *     another model; the model is closed then
   */
  public Pipeline(DiffusionModel model, Optional<Calibration> calibration) {
    this.model = model;
    try {
      this.scheduler = Scheduler.of(model.manifest().scheduler());
      checkDefaults();
      this.spending = calibration.map(measured -> new Spending(this, measured));
    } catch (RuntimeException e) {
      model.close();
      throw e;
    }
    this.lifecycle = new Lifecycle(model::close);
  }

  private void checkDefaults() {
    BundleManifest manifest = model.manifest();
    BundleManifest.Defaults defaults = manifest.defaults();
    try {
      Plan.schedule(
          scheduler,
          manifest,
          defaults.steps(),
          manifest.latentShape(defaults.width(), defaults.height()));
    } catch (InvalidRequestException e) {
      throw new InvalidBundleException(
          "the defaults of the bundle " + manifest.name() + " cannot be run: " + e.getMessage(), e);
    }
  }

  /** What the bundle says about the model. */
  public BundleManifest manifest() {
    return model.manifest();
  }

  /**
   * Starts {@code n} candidates with the seeds 0 to {@code n - 1}, judges them once a fifth of the
   * steps is done, and finishes the {@code k} best.
   *
   * @throws io.github.probeselect.error.InvalidRequestException if the prompt is empty, {@code n}
   *     is less than 1, or {@code k} is not from 1 to {@code n}
   */
  public GenerationResult generate(String prompt, int n, int k) {
    return request(prompt).candidates(n).keep(k).generate();
  }

  /**
   * Begins a request.
   *
   * @throws io.github.probeselect.error.InvalidRequestException if the prompt is empty or contains
   *     a NUL or half a surrogate pair
   */
  public GenerationRequest request(String prompt) {
    return new GenerationRequest(this, prompt);
  }

  /**
   * Goes on with a session that was saved, in whatever process. Its candidates are judged by the
   * probe of the bundle.
   *
   * @throws io.github.probeselect.error.InvalidSessionException if the file is damaged, too new, or
   *     its model was another one
   */
  public Session openSession(Path file) {
    return openSession(file, request -> {});
  }

  /**
   * Goes on with a session that was saved.
   *
   * @param with is given a request with the settings of the session, to add what a file cannot
   *     hold: signals, policy, forecast, metric, listener, observer
   * @throws io.github.probeselect.error.InvalidSessionException if the file is damaged, too new, or
   *     its model was another one
   * @throws InvalidRequestException if a setting was changed that the images depend on
   */
  public Session openSession(Path file, Consumer<GenerationRequest> with) {
    SavedSession saved = SessionFile.read(file, manifest());
    GenerationRequest request = request(saved, file);
    with.accept(request);
    Plan plan = Plan.ofSession(request, model, scheduler);
    saved.check(plan);
    return new Session(this, plan, saved);
  }

  private GenerationRequest request(SavedSession saved, Path file) {
    try {
      GenerationRequest request = saved.request(this);
      saved.check(Plan.ofSession(request, model, scheduler));
      return request;
    } catch (InvalidRequestException e) {
      throw new InvalidSessionException(
          String.format(Locale.ROOT, "session %s does not hold together: %s", file, e.getMessage()),
          e);
    }
  }

  /**
   * Says how a budget would be spent: how many candidates are started, when how many of them go on,
   * and what that is expected to give. The first call measures for some seconds what things cost on
   * this machine, and plans are kept.
   *
   * @param keep how many images are wanted
   * @throws InvalidRequestException if the bundle has no calibration or lacks the metric that it
   *     was made with, or the budget does not pay for that many images, which is said before
   *     anything is measured where arithmetic tells it
   * @throws io.github.probeselect.error.InvalidCalibrationException if probe or metric of the
   *     bundle are others than those of the calibration, or one of its signals is missing
   * @throws io.github.probeselect.error.GenerationCancelledException if the thread is interrupted
   *     or the pipeline closed meanwhile
   */
  public Proposal plan(Budget budget, int keep) {
    return planned(budget, keep, spending().judges(null, List.of()));
  }

  /**
   * Says how a budget would be spent where the calibration was made with a metric, or signals, that
   * the bundle does not have. They stay the caller's. {@link GenerationRequest#budget} takes the
   * same from {@link GenerationRequest#rescoreBy} and {@link GenerationRequest#signals}.
   *
   * <pre>{@code
   * Proposal proposal = pipeline.plan(Budget.fullRuns(3), 1, clipScore);
   * GenerationResult result =
   *     pipeline.request(prompt).budget(Budget.fullRuns(3)).rescoreBy(clipScore).generate();
   * }</pre>
   *
   * @param keep how many images are wanted
   * @param metric the metric of the calibration
   * @param signals signals of the calibration, in place of the bundle's of the same names
   * @throws InvalidRequestException if the bundle has no calibration, or one that was made with
   *     another metric or without one of these signals, or the budget does not pay for that many
   *     images
   * @throws io.github.probeselect.error.InvalidCalibrationException if metric, signals or probe are
   *     other versions than those of the calibration, or one of its signals is missing
   * @throws io.github.probeselect.error.GenerationCancelledException if the thread is interrupted
   *     or the pipeline closed meanwhile
   */
  public Proposal plan(Budget budget, int keep, QualityMetric metric, Signal... signals) {
    return planned(budget, keep, spending().judges(metric, List.of(signals)));
  }

  private Proposal planned(Budget budget, int keep, CalibratedJudges judges) {
    Cancellation cancellation = new Cancellation(Optional.empty());
    spending().check(budget, keep);
    return during(cancellation, () -> spending().plan(budget, keep, judges, cancellation));
  }

  /** What was measured of the model's signals, if that lies beside its bundle. */
  public Optional<Calibration> calibration() {
    return spending.map(Spending::calibration);
  }

  Spending spending() {
    return spending.orElseThrow(
        () ->
            new InvalidRequestException(
                "the bundle "
                    + manifest().name()
                    + " has no calibration to plan a budget from; make one with the example"
                    + " Calibrate or with Calibrator, or say how many candidates are started and"
                    + " kept"));
  }

  /**
   * A learned metric that ships with the model.
   *
   * @throws io.github.probeselect.error.InvalidRequestException if there is none of that name
   */
  public QualityMetric metric(String name) {
    return model.metric(name);
  }

  /**
   * The probes of the bundle as one signal: at every fraction done the one that was trained for it.
   * Asking it throws {@link InvalidRequestException} if the bundle has none.
   */
  public Signal probe() {
    return new BundledProbe(model);
  }

  /**
   * What the signals of the calibration, and finishing an image, cost on this machine. The first
   * call measures for some seconds.
   *
   * @throws InvalidRequestException if the bundle has no calibration or lacks the metric that it
   *     was made with
   * @throws io.github.probeselect.error.InvalidCalibrationException as {@link #plan} does
   * @throws io.github.probeselect.error.GenerationCancelledException if the thread is interrupted
   *     or the pipeline closed meanwhile
   */
  public Costs costs() {
    return measured(spending().judges(null, List.of()));
  }

  /**
   * What they cost where the bundle does not have them; see {@link #plan(Budget, int,
   * QualityMetric, Signal...)}.
   */
  public Costs costs(QualityMetric metric, Signal... signals) {
    return measured(spending().judges(metric, List.of(signals)));
  }

  private Costs measured(CalibratedJudges judges) {
    Cancellation cancellation = new Cancellation(Optional.empty());
    return during(cancellation, () -> spending().costs(judges, cancellation));
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
    return model.openProbe(file);
  }

  /** The loaded model, for code that works below the level of requests, such as data collection. */
  public DiffusionModel model() {
    return model;
  }

  /** The model's scheduler. */
  public Scheduler scheduler() {
    return scheduler;
  }

  /** Carries out on this thread what is planned under the same cancellation. */
  GenerationResult generate(Optional<Instant> deadline, Function<Cancellation, Plan> planning) {
    return generate(new Cancellation(deadline), planning);
  }

  private GenerationResult generate(
      Cancellation cancellation, Function<Cancellation, Plan> planning) {
    return during(cancellation, () -> run(planning.apply(cancellation), cancellation));
  }

  @SuppressWarnings("FutureReturnValueIgnored") // the dependent stage only tidies up
  Generation start(Optional<Instant> deadline, Function<Cancellation, Plan> planning) {
    Cancellation cancellation = new Cancellation(deadline);
    Generation generation = new Generation(cancellation, () -> generate(cancellation, planning));
    lifecycle.accept(cancellation);
    generation
        .turn()
        .thenAccept(
            comes -> {
              if (!comes) {
                lifecycle.leave(cancellation);
              }
            });
    try {
      threads.start(generation);
    } catch (RejectedExecutionException e) {
      lifecycle.leave(cancellation);
      throw new BackendException(Lifecycle.CLOSED, e);
    }
    return generation;
  }

  /** Carries a plan out as a part of something that is under way. */
  GenerationResult run(Plan plan, Cancellation cancellation) {
    return new EarlyExit(model, plan, cancellation).run();
  }

  /** Does something with the model, which is not released meanwhile. */
  <T extends @Nullable Object> T during(Cancellation cancellation, Supplier<T> work) {
    lifecycle.enter(cancellation);
    try {
      cancellation.check();
      return work.get();
    } finally {
      lifecycle.leave(cancellation);
    }
  }

  /**
   * Stops what is running before its next denoiser call, fails what waits for its turn, waits until
   * nothing runs, and releases the model. Generations that ran or waited fail with {@link
   * io.github.probeselect.error.GenerationCancelledException}, later ones with {@link
   * BackendException}. Closing twice is harmless.
   *
   * <p>A callback (listener, observer, signal, policy, forecast, metric) may itself wait for this
   * call, so one that takes longer than a second is not waited for; nor is anything if a callback
   * of this pipeline makes the call. The model is then released when the last generation has ended.
   */
  @Override
  public void close() {
    lifecycle.shut();
    threads.close();
    lifecycle.close();
  }
}
