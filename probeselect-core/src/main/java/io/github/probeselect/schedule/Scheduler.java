package io.github.probeselect.schedule;

import io.github.probeselect.bundle.BundleManifest.SchedulerSpec;
import io.github.probeselect.error.InvalidBundleException;
import io.github.probeselect.error.InvalidRequestException;
import java.util.List;

/**
 * How a model was trained to remove noise, and by which rule it is sampled: what a diffusers
 * pipeline keeps in {@code scheduler_config.json}. It gives a {@link Schedule} for every number of
 * steps. Schedulers are immutable and safe for use by several threads.
 */
public interface Scheduler {

  /**
   * The name of the sampling rule.
   *
   * @return the name that people call it by, such as {@code DDIM}
   */
  String name();

  /**
   * Plans the way from noise to image.
   *
   * @param steps 1 to the number of steps the model was trained with
   * @param imageTokens how many tokens a transformer sees the image as, at least 1: height times
   *     width of the latents, divided by the square of the patch size. Only a dynamic shift depends
   *     on it.
   * @return the schedule of that many steps; PLMS asks the denoiser once more than that
   * @throws InvalidRequestException if the model cannot be sampled in that many steps
   */
  Schedule schedule(int steps, int imageTokens);

  /**
   * Reads the scheduler that a bundle describes. The type is one of the class names in diffusers
   * {@code DDIMScheduler}, {@code PNDMScheduler}, {@code EulerDiscreteScheduler}, {@code
   * DPMSolverMultistepScheduler}, {@code UniPCMultistepScheduler} and {@code
   * FlowMatchEulerDiscreteScheduler}. In the configuration a missing option has the default it has
   * in diffusers. Options that the class does not have, or that have no effect beside the others,
   * are ignored as diffusers ignores them: a configuration keeps those of the classes it was
   * switched from. The log names them at debug level.
   *
   * @param spec type and configuration
   * @return the scheduler
   * @throws InvalidBundleException if the type is not supported, or an option that has an effect is
   *     not supported, out of range or in contradiction to another one; the message names it
   */
  static Scheduler of(SchedulerSpec spec) {
    if (spec.sigmas() != null && !spec.type().equals(FlowEulerScheduler.TYPE)) {
      throw new InvalidBundleException(
          "scheduler.sigmas is for the "
              + FlowEulerScheduler.TYPE
              + " only, not for the "
              + spec.type()
              + "; leave it out");
    }
    return switch (spec.type()) {
      case DdimScheduler.TYPE -> DdimScheduler.of(spec.config());
      case PndmScheduler.TYPE -> PndmScheduler.of(spec.config());
      case EulerScheduler.TYPE -> EulerScheduler.of(spec.config());
      case DpmSolverScheduler.TYPE -> DpmSolverScheduler.of(spec.config());
      case UniPcScheduler.TYPE -> UniPcScheduler.of(spec.config());
      case FlowEulerScheduler.TYPE -> FlowEulerScheduler.of(spec.config(), spec.sigmas());
      default ->
          throw new InvalidBundleException(
              "scheduler type '"
                  + spec.type()
                  + "' is not supported; export the model with one of "
                  + List.of(
                      DdimScheduler.TYPE,
                      PndmScheduler.TYPE,
                      EulerScheduler.TYPE,
                      DpmSolverScheduler.TYPE,
                      UniPcScheduler.TYPE,
                      FlowEulerScheduler.TYPE));
    };
  }
}
