package io.github.probeselect;

import io.github.probeselect.bundle.BundleManifest;
import io.github.probeselect.bundle.BundleManifest.Guidance;
import io.github.probeselect.bundle.BundleManifest.TimestepType;
import io.github.probeselect.bundle.LatentShape;
import io.github.probeselect.error.InvalidRequestException;
import io.github.probeselect.model.DiffusionModel;
import io.github.probeselect.model.Observation;
import io.github.probeselect.model.Probe;
import io.github.probeselect.schedule.Schedule;
import io.github.probeselect.schedule.Scheduler;
import io.github.probeselect.selection.SelectionPolicy;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** A request in which every value is settled and checked against the model. */
record Plan(
    Settings settings,
    Schedule schedule,
    List<Long> seeds,
    int keep,
    boolean unconditional,
    SelectionPolicy policy,
    @Nullable Probe probe,
    @Nullable Consumer<Observation> observer,
    Set<Integer> observedSteps,
    GenerationListener listener,
    boolean previews,
    int rowsPerCall) {

  static Plan of(GenerationRequest request, DiffusionModel model, Scheduler scheduler) {
    BundleManifest manifest = model.manifest();
    BundleManifest.Defaults defaults = manifest.defaults();
    int n = request.seeds.size();
    if (request.keep > n) {
      throw new InvalidRequestException(
          "k = "
              + request.keep
              + " of n = "
              + n
              + " candidates cannot be kept; lower k or raise n");
    }
    int steps = Objects.requireNonNullElse(request.steps, defaults.steps());
    double scale = Objects.requireNonNullElse(request.guidanceScale, defaults.guidanceScale());
    if (manifest.guidance() == Guidance.NONE && request.guidanceScale != null && scale != 1) {
      throw new InvalidRequestException(
          "the model " + manifest.name() + " takes no guidance scale; leave it out");
    }
    int width = Objects.requireNonNullElse(request.width, defaults.width());
    int height = Objects.requireNonNullElse(request.height, defaults.height());
    LatentShape latentShape = manifest.latentShape(width, height);
    Schedule schedule = schedule(scheduler, manifest, steps, latentShape);
    Settings settings =
        new Settings(
            manifest.name(),
            manifest.denoiserHash().substring(0, Math.min(10, manifest.denoiserHash().length())),
            request.prompt,
            request.negativePrompt,
            scheduler.name(),
            steps,
            schedule.steps(),
            request.decisionPoint.stepsDone(schedule.steps()),
            scale,
            width,
            height,
            latentShape,
            request.reproducible);
    return new Plan(
        settings,
        schedule,
        request.seeds,
        request.keep,
        manifest.guidance() == Guidance.CLASSIFIER_FREE && scale > 1,
        request.policy,
        request.keep == n ? null : probe(request, model, settings.fractionDone()),
        request.observer,
        observedSteps(request, schedule.steps()),
        request.listener,
        request.previews,
        request.reproducible ? 1 : request.microBatchSize);
  }

  /**
   * Plans the steps of an image.
   *
   * @throws InvalidRequestException if the model cannot be sampled in that many steps
   */
  static Schedule schedule(
      Scheduler scheduler, BundleManifest manifest, int steps, LatentShape latentShape) {
    Schedule schedule = scheduler.schedule(steps, manifest.imageTokens(latentShape));
    if (manifest.denoiser().timestepType() == TimestepType.INT64) {
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

  private static Probe probe(GenerationRequest request, DiffusionModel model, double fraction) {
    if (request.probe != null) {
      return request.probe;
    }
    return model
        .probe(fraction)
        .orElseThrow(
            () ->
                new InvalidRequestException(
                    "the bundle "
                        + model.manifest().name()
                        + " ships no probe; train one, or give the request another with probe(...)"));
  }

  private static Set<Integer> observedSteps(GenerationRequest request, int steps) {
    if (request.observer == null) {
      return Set.of();
    }
    List<DecisionPoint> points =
        request.observedAt.isEmpty() ? List.of(request.decisionPoint) : request.observedAt;
    return points.stream()
        .map(point -> point.stepsDone(steps))
        .collect(Collectors.toUnmodifiableSet());
  }

  /** Whether the observer is shown who runs once so many steps are done. */
  boolean isObserved(int stepsDone) {
    return observedSteps.contains(stepsDone);
  }

  /** Denoiser evaluations this plan takes when {@code kept} candidates are finished. */
  long evaluations(int kept) {
    int steps = settings.scheduleSteps();
    int early = settings.decisionStep();
    return (long) seeds.size() * early + (long) kept * (steps - early);
  }
}
