package io.github.probeselect;

import io.github.probeselect.bundle.BundleManifest;
import io.github.probeselect.bundle.BundleManifest.Guidance;
import io.github.probeselect.bundle.BundleManifest.TimestepType;
import io.github.probeselect.bundle.LatentShape;
import io.github.probeselect.error.InvalidRequestException;
import io.github.probeselect.model.DiffusionModel;
import io.github.probeselect.model.Observation;
import io.github.probeselect.model.QualityMetric;
import io.github.probeselect.model.Signal;
import io.github.probeselect.schedule.Schedule;
import io.github.probeselect.schedule.Scheduler;
import io.github.probeselect.selection.Cut;
import io.github.probeselect.selection.SelectionPlan;
import io.github.probeselect.selection.SelectionPlan.StepCut;
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
    boolean unconditional,
    SelectionPlan selection,
    List<Signal> signals,
    @Nullable QualityMetric finalMetric,
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
    Schedule schedule = scheduleOf(request, model, scheduler);
    SelectionPlan selection =
        SelectionPlan.of(
            schedule.steps(),
            request.cuts == null
                ? List.of(new Cut(request.decisionPoint, request.keep))
                : request.cuts,
            request.keep,
            request.policy,
            request.forecast,
            request.finalMetric != null);
    int finished = selection.finished(n);
    if (finished > request.keep && request.finalMetric == null) {
      throw new InvalidRequestException(
          "%d candidates are finished, but %d are wanted; add a cut that keeps as many, or have the finished ones scored with rescoreBy(...)"
              .formatted(finished, request.keep));
    }
    List<Integer> decisionSteps = selection.cuts().stream().map(StepCut::stepsDone).toList();
    Settings settings =
        new Settings(
            manifest.name(),
            manifest.denoiserHash().substring(0, Math.min(10, manifest.denoiserHash().length())),
            request.prompt,
            request.negativePrompt,
            scheduler.name(),
            steps,
            schedule.steps(),
            decisionSteps,
            scale,
            width,
            height,
            latentShape,
            request.reproducible);
    return new Plan(
        settings,
        schedule,
        request.seeds,
        manifest.guidance() == Guidance.CLASSIFIER_FREE && scale > 1,
        selection,
        request.keep == n ? List.of() : signals(request, model, selection),
        request.finalMetric,
        request.observer,
        observedSteps(request, decisionSteps, schedule.steps()),
        request.listener,
        request.previews,
        request.reproducible ? 1 : request.microBatchSize);
  }

  /** The schedule of a request. */
  static Schedule scheduleOf(GenerationRequest request, DiffusionModel model, Scheduler scheduler) {
    BundleManifest manifest = model.manifest();
    BundleManifest.Defaults defaults = manifest.defaults();
    return schedule(
        scheduler,
        manifest,
        Objects.requireNonNullElse(request.steps, defaults.steps()),
        manifest.latentShape(
            Objects.requireNonNullElse(request.width, defaults.width()),
            Objects.requireNonNullElse(request.height, defaults.height())));
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

  /** Who is asked at every cut. */
  private static List<Signal> signals(
      GenerationRequest request, DiffusionModel model, SelectionPlan selection) {
    if (!request.signals.isEmpty() || selection.cuts().isEmpty()) {
      return request.signals;
    }
    for (StepCut cut : selection.cuts()) {
      BundledProbe.find(model, (double) cut.stepsDone() / selection.steps());
    }
    return List.of(new BundledProbe(model));
  }

  private static Set<Integer> observedSteps(
      GenerationRequest request, List<Integer> decisionSteps, int steps) {
    if (request.observer == null) {
      return Set.of();
    }
    if (request.observedAt.isEmpty()) {
      return Set.copyOf(decisionSteps);
    }
    return request.observedAt.stream()
        .map(point -> point.stepsDone(steps))
        .collect(Collectors.toUnmodifiableSet());
  }

  /** Whether the observer is shown who runs once so many steps are done. */
  boolean isObserved(int stepsDone) {
    return observedSteps.contains(stepsDone);
  }

  /** Whether the activations are captured on the steps that lead up to cuts. */
  boolean captures() {
    return !signals.isEmpty()
        && (selection.policy().readsFeatures()
            || signals.stream().anyMatch(Signal::readsActivations));
  }
}
