package io.github.probeselect;

import io.github.probeselect.bundle.BundleManifest;
import io.github.probeselect.error.BackendException;
import io.github.probeselect.error.InvalidBundleException;
import io.github.probeselect.error.InvalidRequestException;
import io.github.probeselect.model.DiffusionModel;
import io.github.probeselect.model.Probe;
import io.github.probeselect.model.QualityMetric;
import io.github.probeselect.schedule.Scheduler;
import java.nio.file.Path;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;

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
  private final Lifecycle lifecycle;
  private final ExecutorService executor =
      Executors.newCachedThreadPool(
          task -> {
            Thread thread = new Thread(task, "probeselect-generation");
            thread.setDaemon(true);
            return thread;
          });

  /**
   * Wraps a model that is already loaded, and owns it from now on.
   *
   * @throws InvalidBundleException if its scheduler is unknown, has an option that is not supported
   *     or cannot do the default steps; the model is closed then
   */
  public Pipeline(DiffusionModel model) {
    this.model = model;
    try {
      this.scheduler = Scheduler.of(model.manifest().scheduler());
      checkDefaults();
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
   * @throws io.github.probeselect.error.InvalidRequestException if the prompt is empty
   */
  public GenerationRequest request(String prompt) {
    return new GenerationRequest(this, prompt);
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

  GenerationResult generate(Plan plan) {
    return run(plan, new Cancellation());
  }

  Generation start(Plan plan) {
    Generation generation = new Generation();
    lifecycle.checkOpen();
    try {
      executor.execute(
          () -> {
            try {
              generation.complete(run(plan, generation.cancellation()));
            } catch (Throwable failure) {
              generation.fail(failure);
            }
          });
    } catch (RejectedExecutionException e) {
      throw new BackendException(Lifecycle.CLOSED, e);
    }
    return generation;
  }

  private GenerationResult run(Plan plan, Cancellation cancellation) {
    lifecycle.enter(cancellation);
    try {
      return new EarlyExit(model, plan, cancellation).run();
    } finally {
      lifecycle.leave(cancellation);
    }
  }

  /**
   * Stops what is running before its next denoiser call, waits for that, and releases the model.
   * Generations that were running fail with {@link
   * io.github.probeselect.error.GenerationCancelledException}, later ones with {@link
   * BackendException}. Called from within a generation's listener it does not wait; the model is
   * then released when that generation ends. Closing twice is harmless.
   */
  @Override
  public void close() {
    lifecycle.close();
    executor.shutdown();
  }
}
