package io.github.probeselect;

import io.github.probeselect.bundle.BundleManifest;
import io.github.probeselect.bundle.BundleManifest.Guidance;
import io.github.probeselect.error.InvalidRequestException;
import io.github.probeselect.internal.BatchLimit;
import io.github.probeselect.model.Backend.Device;
import io.github.probeselect.model.DiffusionModel;
import io.github.probeselect.model.Observation;
import io.github.probeselect.model.QualityMetric;
import io.github.probeselect.model.Signal;
import io.github.probeselect.noise.StartingNoise;
import io.github.probeselect.schedule.Schedule;
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
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A request whose defaults are filled in and whose values are checked against the model. */
record ResolvedRequest(
    SettingsValues settings,
    Schedule schedule,
    List<Origin> origins,
    Optional<SecondWave> secondWave,
    Guidance guidance,
    SelectionPlan selection,
    List<Signal> signals,
    @Nullable QualityMetric finalMetric,
    @Nullable Consumer<Observation> observer,
    Set<Integer> observedSteps,
    List<GenerationListener> listeners,
    boolean previews,
    @Nullable Integer previewEvery,
    BatchLimit batchLimit,
    boolean releaseTextEncoder,
    Optional<Instant> deadline) {

  /** A generation that selects by itself. */
  static ResolvedRequest of(RequestOptions options, Allocation allocation, LoadedModel model) {
    int n = allocation.origins().size();
    int keep = options.keep;
    RequestChecks.keep(keep, n);
    Schedule schedule = model.schedule(options);
    SelectionPlan selection =
        SelectionPlan.of(
            schedule.steps(),
            allocation.cuts(),
            keep,
            options.policy,
            allocation.forecast(),
            allocation.finalMetric() != null);
    int finished = selection.finished(n);
    if (finished > keep && allocation.finalMetric() == null) {
      throw new InvalidRequestException(
          String.format(
              Locale.ROOT,
              "%d candidates are finished, but keep is %d; add a cut that keeps as many, or have the finished images scored with rescoreBy(...)",
              finished,
              keep));
    }
    if (allocation.secondWave().isPresent() && (n == keep || selection.cuts().isEmpty())) {
      throw new InvalidRequestException(
          "a second wave starts once the first candidates are scored, but this request scores none; add a cut");
    }
    List<Signal> signals =
        keep == n ? List.of() : signals(allocation.signals(), model.diffusion(), selection);
    ResolvedRequest request = settled(options, allocation, model, schedule, selection, signals);
    request.checkSecondWave();
    return request;
  }

  /**
   * A waiting candidate is varied towards its own seed, which is no direction if another starts
   * there.
   */
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

  /** How many candidates start immediately; the ones after them form the second wave. */
  int first() {
    int n = origins.size();
    return n - secondWave.map(wave -> wave.size(n)).orElse(0);
  }

  /** A session, in which the caller selects. */
  static ResolvedRequest ofSession(RequestOptions options, LoadedModel model) {
    refuse(options.secondWave, "second wave", "start varied origins when you like");
    refuse(options.cuts, "cuts", "advance and keep when you like");
    refuse(options.budget, "budget", "give the number of candidates, or seeds or origins");
    Allocation allocation = Allocation.of(options);
    Schedule schedule = model.schedule(options);
    SelectionPlan selection =
        SelectionPlan.of(
            schedule.steps(),
            List.of(),
            options.keep,
            options.policy,
            options.forecast,
            options.finalMetric != null);
    boolean ownProbe = options.signals.isEmpty() && model.diffusion().probe(1).isPresent();
    List<Signal> signals =
        ownProbe ? List.of(new BundledProbe(model.diffusion())) : options.signals;
    return settled(options, allocation, model, schedule, selection, signals);
  }

  private static void refuse(@Nullable Object setting, String name, String remedy) {
    if (setting != null) {
      throw new InvalidRequestException(
          "a session has no "
              + name
              + " of its own, the caller selects; leave it out, and "
              + remedy);
    }
  }

  private static ResolvedRequest settled(
      RequestOptions options,
      Allocation allocation,
      LoadedModel model,
      Schedule schedule,
      SelectionPlan selection,
      List<Signal> signals) {
    BundleManifest manifest = model.manifest();
    double scale =
        Objects.requireNonNullElse(options.guidanceScale, manifest.defaults().guidanceScale());
    int width = model.width(options);
    int height = model.height(options);
    List<Integer> decisionSteps = selection.cuts().stream().map(StepCut::stepsDone).toList();
    SettingsValues settings =
        new SettingsValues(
            manifest.name(),
            manifest.denoiserHash().substring(0, Math.min(10, manifest.denoiserHash().length())),
            options.prompt,
            options.negativePrompt,
            model.scheduler().name(),
            model.steps(options),
            schedule.steps(),
            decisionSteps,
            scale,
            width,
            height,
            manifest.latentShape(width, height),
            model.diffusion().device().name(),
            options.reproducible);
    ResolvedRequest request =
        new ResolvedRequest(
            settings,
            schedule,
            allocation.origins(),
            allocation.secondWave(),
            manifest.guidance(),
            selection,
            signals,
            allocation.finalMetric(),
            options.observer,
            observedSteps(options, decisionSteps, schedule.steps()),
            List.of(options.listener),
            options.previews,
            options.previewEvery,
            model.batchLimit(options),
            model.releaseTextEncoder(),
            Optional.ofNullable(options.deadline));
    if (options.guidanceScale != null) {
      request.checkGuidanceScale(scale);
    }
    request.checkNew(List.of(), request.origins());
    return request;
  }

  /** The request as it is run on a device. */
  ResolvedRequest on(Device device) {
    return with(settings.on(device.name()), listeners);
  }

  /** The request with the listeners of the pipeline too. */
  ResolvedRequest heardBy(List<GenerationListener> others) {
    return with(settings, Stream.concat(listeners.stream(), others.stream()).toList());
  }

  private ResolvedRequest with(SettingsValues itsSettings, List<GenerationListener> itsListeners) {
    return new ResolvedRequest(
        itsSettings,
        schedule,
        origins,
        secondWave,
        guidance,
        selection,
        signals,
        finalMetric,
        observer,
        observedSteps,
        itsListeners,
        previews,
        previewEvery,
        batchLimit,
        releaseTextEncoder,
        deadline);
  }

  /**
   * Checks candidates that are to be added to others.
   *
   * @throws InvalidRequestException if two have the same image, or the model cannot run one
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

  /**
   * Whether two candidates have the same image, also if their seeds differ by a multiple of 2^32.
   */
  boolean sameImage(Origin one, Origin other) {
    return image(one).equals(image(other));
  }

  /** A key that identifies the image of a candidate: equal keys are duplicates. */
  private List<Object> image(Origin origin) {
    SettingsValues own = settings.of(origin);
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

  /** The signals that score the candidates at every cut. */
  private static List<Signal> signals(
      List<Signal> given, DiffusionModel model, SelectionPlan selection) {
    if (!given.isEmpty() || selection.cuts().isEmpty()) {
      return given;
    }
    for (StepCut cut : selection.cuts()) {
      BundledProbe.find(model, (double) cut.stepsDone() / selection.steps());
    }
    return List.of(new BundledProbe(model));
  }

  private static Set<Integer> observedSteps(
      RequestOptions options, List<Integer> decisionSteps, int steps) {
    if (options.observer == null) {
      return Set.of();
    }
    if (options.observedAt.isEmpty()) {
      return Set.copyOf(decisionSteps);
    }
    return options.observedAt.stream()
        .map(point -> point.stepsDone(steps))
        .collect(Collectors.toUnmodifiableSet());
  }

  /** Whether the observer is shown the running candidates once so many steps are done. */
  boolean isObserved(int stepsDone) {
    return observedSteps.contains(stepsDone);
  }

  /** Whether the listeners receive previews once so many steps are done. */
  boolean isPreviewed(int stepsDone) {
    return previewEvery != null && stepsDone % previewEvery == 0 && stepsDone < schedule.steps();
  }

  /** Whether candidates of a guidance scale have an unconditional branch too. */
  boolean unconditional(double scale) {
    return guidance == Guidance.CLASSIFIER_FREE && scale > 1;
  }

  /** Whether any of these candidates has an unconditional branch. */
  boolean unconditional(List<Trajectory> candidates) {
    return candidates.stream()
        .anyMatch(candidate -> unconditional(candidate.settings().guidanceScale()));
  }

  /** Whether the activations are captured at the last step before each cut. */
  boolean captures() {
    return !signals.isEmpty()
        && (selection.policy().readsFeatures()
            || signals.stream().anyMatch(Signal::readsActivations));
  }
}
