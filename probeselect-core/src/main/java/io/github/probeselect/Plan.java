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
import io.github.probeselect.noise.StartingNoise;
import io.github.probeselect.schedule.Schedule;
import io.github.probeselect.schedule.Scheduler;
import io.github.probeselect.selection.Cut;
import io.github.probeselect.selection.SelectionPlan;
import io.github.probeselect.selection.SelectionPlan.StepCut;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** A request in which every value is settled and checked against the model. */
record Plan(
    Settings settings,
    Schedule schedule,
    List<Origin> origins,
    Optional<SecondWave> secondWave,
    Guidance guidance,
    SelectionPlan selection,
    List<Signal> signals,
    @Nullable QualityMetric finalMetric,
    @Nullable Consumer<Observation> observer,
    Set<Integer> observedSteps,
    GenerationListener listener,
    boolean previews,
    int rowsPerCall,
    Optional<Instant> deadline) {

  /** A generation that selects by itself. */
  static Plan of(GenerationRequest request, DiffusionModel model, Scheduler scheduler) {
    int n = request.resolvedOrigins().size();
    GenerationRequest.checkKeep(request.keep, n);
    SelectionPlan selection =
        SelectionPlan.of(
            scheduleOf(request, model, scheduler).steps(),
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
          String.format(
              Locale.ROOT,
              "%d candidates are finished, but %d are wanted; add a cut that keeps as many, or have the finished ones scored with rescoreBy(...)",
              finished,
              request.keep));
    }
    if (request.secondWave != null && (n == request.keep || selection.cuts().isEmpty())) {
      throw new InvalidRequestException(
          "a second wave starts once the first was judged, and nothing is judged here; add a cut");
    }
    Plan plan =
        settled(
            request,
            model,
            scheduler,
            selection,
            request.keep == n ? List.of() : signals(request, model, selection));
    plan.checkSecondWave();
    return plan;
  }

  /** Who waits is varied towards its own seed, which is no direction if somebody starts there. */
  private void checkSecondWave() {
    Set<Long> seeds = new HashSet<>();
    origins.stream().limit(first()).forEach(o -> seeds.add(StartingNoise.effective(o.seed())));
    for (Origin waiting : origins.subList(first(), origins.size())) {
      if (!seeds.add(StartingNoise.effective(waiting.seed()))) {
        throw new InvalidRequestException(
            "the candidates of the second wave need seeds of their own, but the noise of seed "
                + waiting.seed()
                + " is that of another candidate; give it another seed");
      }
    }
  }

  /** How many candidates start at once; those after them belong to a second wave. */
  int first() {
    int n = origins.size();
    return n - secondWave.map(wave -> wave.size(n)).orElse(0);
  }

  /** A session, in which the caller selects. */
  static Plan ofSession(GenerationRequest request, DiffusionModel model, Scheduler scheduler) {
    SelectionPlan selection =
        SelectionPlan.of(
            scheduleOf(request, model, scheduler).steps(),
            List.of(),
            request.keep,
            request.policy,
            request.forecast,
            request.finalMetric != null);
    if (request.secondWave != null) {
      throw new InvalidRequestException(
          "a session has no second wave of its own; start varied origins when you like");
    }
    boolean ownProbe = request.signals.isEmpty() && model.probe(1).isPresent();
    return settled(
        request,
        model,
        scheduler,
        selection,
        ownProbe ? List.of(new BundledProbe(model)) : request.signals);
  }

  private static Plan settled(
      GenerationRequest request,
      DiffusionModel model,
      Scheduler scheduler,
      SelectionPlan selection,
      List<Signal> signals) {
    BundleManifest manifest = model.manifest();
    BundleManifest.Defaults defaults = manifest.defaults();
    double scale = Objects.requireNonNullElse(request.guidanceScale, defaults.guidanceScale());
    int width = Objects.requireNonNullElse(request.width, defaults.width());
    int height = Objects.requireNonNullElse(request.height, defaults.height());
    Schedule schedule = scheduleOf(request, model, scheduler);
    List<Integer> decisionSteps = selection.cuts().stream().map(StepCut::stepsDone).toList();
    Settings settings =
        new Settings(
            manifest.name(),
            manifest.denoiserHash().substring(0, Math.min(10, manifest.denoiserHash().length())),
            request.prompt,
            request.negativePrompt,
            scheduler.name(),
            Objects.requireNonNullElse(request.steps, defaults.steps()),
            schedule.steps(),
            decisionSteps,
            scale,
            width,
            height,
            manifest.latentShape(width, height),
            request.reproducible);
    Plan plan =
        new Plan(
            settings,
            schedule,
            request.resolvedOrigins(),
            Optional.ofNullable(request.secondWave),
            manifest.guidance(),
            selection,
            signals,
            request.finalMetric,
            request.observer,
            observedSteps(request, decisionSteps, schedule.steps()),
            request.listener,
            request.previews,
            request.reproducible ? 1 : request.microBatchSize,
            Optional.ofNullable(request.deadline));
    if (request.guidanceScale != null) {
      plan.checkGuidanceScale(scale);
    }
    plan.checkNew(List.of(), plan.origins());
    return plan;
  }

  /**
   * Checks candidates that are to join others.
   *
   * @throws InvalidRequestException if one is there twice, or the model cannot do it
   */
  void checkNew(List<Origin> present, List<Origin> joining) {
    Map<List<Object>, Origin> images = new HashMap<>();
    present.forEach(origin -> images.put(image(origin), origin));
    for (Origin origin : joining) {
      origin.guidanceScale().ifPresent(this::checkGuidanceScale);
      Origin before = images.putIfAbsent(image(origin), origin);
      if (before != null) {
        throw new InvalidRequestException(
            "the candidate with "
                + origin
                + " occurs twice: that with "
                + before
                + " gives the same image; give each once");
      }
    }
  }

  /** Whether two candidates have the same image, however their seeds are written. */
  boolean sameImage(Origin one, Origin other) {
    return image(one).equals(image(other));
  }

  /** What makes the image of a candidate another one than those of the others. */
  private List<Object> image(Origin origin) {
    Settings own = settings.of(origin);
    double scale = own.guidanceScale();
    boolean unguided = guidance == Guidance.CLASSIFIER_FREE && !unconditional(scale);
    return List.of(origin.noise().effective(), own.prompt(), unguided ? 1.0 : scale);
  }

  private void checkGuidanceScale(double scale) {
    if (guidance == Guidance.NONE && scale != 1) {
      throw new InvalidRequestException(
          "the model " + settings.bundle() + " takes no guidance scale; leave it out");
    }
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

  /** Whether candidates of a guidance scale are evaluated without the prompt too. */
  boolean unconditional(double scale) {
    return guidance == Guidance.CLASSIFIER_FREE && scale > 1;
  }

  /** Whether any of these is. */
  boolean unconditional(List<Trajectory> candidates) {
    return candidates.stream()
        .anyMatch(candidate -> unconditional(candidate.settings().guidanceScale()));
  }

  /** Whether the activations are captured on the steps that lead up to cuts. */
  boolean captures() {
    return !signals.isEmpty()
        && (selection.policy().readsFeatures()
            || signals.stream().anyMatch(Signal::readsActivations));
  }
}
