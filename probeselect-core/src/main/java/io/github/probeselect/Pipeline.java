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
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
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

  private final LoadedModel loaded;
  private final Optional<BudgetPlanner> budgetPlanner;
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
    try {
      this.loaded = LoadedModel.of(Arguments.require("model", model));
      this.budgetPlanner =
          Arguments.require("calibration", calibration)
              .map(measured -> new BudgetPlanner(loaded, measured));
    } catch (RuntimeException e) {
      if (model != null) {
        model.close();
      }
      throw e;
    }
    this.lifecycle = new Lifecycle(model::close);
  }

  /** The manifest of the bundle. */
  public BundleManifest manifest() {
    return loaded.manifest();
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
    return openSession(file, request -> request);
  }

  /**
   * Goes on with a session that was saved.
   *
   * @param with is given a request with the settings of the session, and returns one that has more:
   *     what a file cannot hold, which is signals, policy, forecast, metric, listener, observer
   * @throws io.github.probeselect.error.InvalidSessionException if the file is damaged, too new, or
   *     its model was another one
   * @throws InvalidRequestException if a setting was changed that the images depend on
   */
  public Session openSession(Path file, UnaryOperator<GenerationRequest> with) {
    Arguments.require("file", file);
    Arguments.require("with", with);
    SavedSession saved = SessionFile.read(file, manifest());
    GenerationRequest request =
        Arguments.require(
            "what 'with' returns", with.apply(saved.checked(file, () -> saved.request(this))));
    Plan plan = plan(saved, request, file);
    return new Session(this, Run.of(plan, saved));
  }

  /** Plans how a session goes on; where that fails, the file may be to blame, or the caller. */
  private Plan plan(SavedSession saved, GenerationRequest request, Path file) {
    try {
      return saved.check(Plan.ofSession(request.choices(), loaded));
    } catch (InvalidRequestException e) {
      saved.checked(file, () -> saved.check(Plan.ofSession(saved.request(this).choices(), loaded)));
      throw e;
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
    Arguments.require("budget", budget);
    return planned(budget, keep, budgetPlanner().judges(null, List.of()));
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
    Arguments.require("budget", budget);
    return planned(budget, keep, judges(metric, signals));
  }

  private CalibratedJudges judges(QualityMetric metric, Signal... signals) {
    Arguments.require("metric", metric);
    List<Signal> given = Arguments.requireAll("signals", signals);
    return budgetPlanner().judges(metric, given);
  }

  private Proposal planned(Budget budget, int keep, CalibratedJudges judges) {
    Cancellation cancellation = new Cancellation(Optional.empty());
    budgetPlanner().check(budget, keep);
    return during(cancellation, () -> budgetPlanner().plan(budget, keep, judges, cancellation));
  }

  /** What was measured of the model's signals, if that lies beside its bundle. */
  public Optional<Calibration> calibration() {
    return budgetPlanner.map(BudgetPlanner::calibration);
  }

  BudgetPlanner budgetPlanner() {
    return budgetPlanner.orElseThrow(
        () ->
            new InvalidRequestException(
                "the bundle "
                    + manifest().name()
                    + " has no calibration to plan a budget from; make one with"
                    + " probeselect-tools calibrate or with Calibrator, or say how many candidates are started and"
                    + " kept"));
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
   * The probes of the bundle as one signal: at every fraction done the one that was trained for it.
   * Asking it throws {@link InvalidRequestException} if the bundle has none.
   */
  public Signal probe() {
    return new BundledProbe(loaded.diffusion());
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
    return measured(budgetPlanner().judges(null, List.of()));
  }

  /**
   * What they cost where the bundle does not have them; see {@link #plan(Budget, int,
   * QualityMetric, Signal...)}.
   */
  public Costs costs(QualityMetric metric, Signal... signals) {
    return measured(judges(metric, signals));
  }

  private Costs measured(CalibratedJudges judges) {
    Cancellation cancellation = new Cancellation(Optional.empty());
    return during(cancellation, () -> budgetPlanner().costs(judges, cancellation));
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

  /** The loaded model, for code that works below the level of requests, such as data collection. */
  public DiffusionModel model() {
    return loaded.diffusion();
  }

  LoadedModel loaded() {
    return loaded;
  }

  /** Carries out on this thread what is planned under the same cancellation. */
  GenerationResult generate(Optional<Instant> deadline, Function<Cancellation, Plan> planning) {
    return generate(new Cancellation(deadline), planning);
  }

  private GenerationResult generate(
      Cancellation cancellation, Function<Cancellation, Plan> planning) {
    return during(
        cancellation,
        () -> new EarlyExit(loaded.diffusion(), planning.apply(cancellation), cancellation).run());
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
