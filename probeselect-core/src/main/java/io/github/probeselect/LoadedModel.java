package io.github.probeselect;

import io.github.probeselect.bundle.BundleManifest;
import io.github.probeselect.bundle.BundleManifest.TimestepType;
import io.github.probeselect.bundle.LatentShape;
import io.github.probeselect.error.InvalidBundleException;
import io.github.probeselect.error.InvalidRequestException;
import io.github.probeselect.internal.BatchLimit;
import io.github.probeselect.model.DiffusionModel;
import io.github.probeselect.schedule.Schedule;
import io.github.probeselect.schedule.Scheduler;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A model with its scheduler.
 *
 * @param pool the model on each of its devices
 * @param batchLimits for each shape of latents, how many candidates the memory of a device holds
 * @param releaseTextEncoder whether the text encoder is released once prompts are encoded
 */
record LoadedModel(
    ModelPool pool,
    Scheduler scheduler,
    Map<LatentShape, BatchLimit> batchLimits,
    boolean releaseTextEncoder) {

  /**
   * Reads the scheduler of a model.
   *
   * @throws InvalidBundleException if it is unknown, has an option that is not supported or does
   *     not support the default number of steps
   */
  static LoadedModel of(ModelPool pool, boolean releaseTextEncoder) {
    BundleManifest manifest = pool.model().manifest();
    BundleManifest.Defaults defaults = manifest.defaults();
    LoadedModel loaded =
        new LoadedModel(
            pool,
            Scheduler.of(manifest.scheduler()),
            new ConcurrentHashMap<>(),
            releaseTextEncoder);
    try {
      loaded.schedule(defaults.steps(), manifest.latentShape(defaults.width(), defaults.height()));
      return loaded;
    } catch (InvalidRequestException e) {
      throw new InvalidBundleException(
          "the defaults of the bundle " + manifest.name() + " cannot be run: " + e.getMessage(), e);
    }
  }

  /** The model; on several devices, that of the device which the current thread has been given. */
  DiffusionModel diffusion() {
    return pool.model();
  }

  BundleManifest manifest() {
    return diffusion().manifest();
  }

  /** The steps that a request asks for. */
  int steps(RequestOptions options) {
    return Objects.requireNonNullElse(options.steps, manifest().defaults().steps());
  }

  /** The width of a request's images, in pixels. */
  int width(RequestOptions options) {
    return Objects.requireNonNullElse(options.width, manifest().defaults().width());
  }

  /** The height of a request's images, in pixels. */
  int height(RequestOptions options) {
    return Objects.requireNonNullElse(options.height, manifest().defaults().height());
  }

  /** The shape of a candidate's latents. */
  private LatentShape latentShape(RequestOptions options) {
    return manifest().latentShape(width(options), height(options));
  }

  /** How many candidates a call of the denoiser evaluates at the most. */
  BatchLimit batchLimit(RequestOptions options) {
    if (options.reproducible) {
      return BatchLimit.of(1);
    }
    if (options.microBatchSize != null) {
      return BatchLimit.of(options.microBatchSize);
    }
    return batchLimits.computeIfAbsent(
        latentShape(options), shape -> BatchLimit.automatic(diffusion()::freeMemory));
  }

  /** The schedule that a request has. */
  Schedule schedule(RequestOptions options) {
    return schedule(steps(options), latentShape(options));
  }

  /**
   * Computes the schedule of an image.
   *
   * @throws InvalidRequestException if the model cannot be sampled in that many steps
   */
  private Schedule schedule(int steps, LatentShape latentShape) {
    Schedule schedule = scheduler.schedule(steps, manifest().imageTokens(latentShape));
    if (manifest().denoiser().timestepType() == TimestepType.INT64) {
      for (int step = 0; step < schedule.steps(); step++) {
        double timestep = schedule.timestep(step);
        if (timestep != Math.rint(timestep)) {
          throw new InvalidRequestException(
              "with "
                  + steps
                  + " steps the model's scheduler, "
                  + scheduler.name()
                  + ", is at timestep "
                  + timestep
                  + " at step "
                  + step
                  + ", but its denoiser takes whole ones only; export the model with"
                  + " denoiser.timestepType float32");
        }
      }
    }
    return schedule;
  }
}
