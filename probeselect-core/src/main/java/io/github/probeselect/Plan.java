package io.github.probeselect;

import io.github.probeselect.bundle.BundleManifest;
import io.github.probeselect.bundle.BundleManifest.Guidance;
import io.github.probeselect.error.InvalidRequestException;
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
import org.jspecify.annotations.Nullable;

/** A request in which every value is settled and checked against the model. */
record Plan(
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
    GenerationListener listener,
    boolean previews,
    int rowsPerCall,
    Optional<Instant> deadline) {

  /** A generation that selects by itself. */
  static Plan of(Choices choices, Allocation allocation, LoadedModel model) {
    int n = allocation.origins().size();
    int keep = choices.keep;
    RequestChecks.keep(keep, n);
    Schedule schedule = model.schedule(choices);
    SelectionPlan selection =
        SelectionPlan.of(
            schedule.steps(),
            allocation.cuts(),
            keep,
            choices.policy,
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
          "a second wave starts once the first was judged, and nothing is judged here; add a cut");
    }
    List<Signal> signals =
        keep == n ? List.of() : signals(allocation.signals(), model.diffusion(), selection);
    Plan plan = settled(choices, allocation, model, schedule, selection, signals);
    plan.checkSecondWave();
    return plan;
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

  /** How many candidates start at once; those after them belong to a second wave. */
  int first() {
    int n = origins.size();
    return n - secondWave.map(wave -> wave.size(n)).orElse(0);
  }

  /** A session, in which the caller selects. */
  static Plan ofSession(Choices choices, LoadedModel model) {
    refuse(choices.secondWave, "second wave", "start varied origins when you like");
    refuse(choices.cuts, "cuts", "advance and keep when you like");
    refuse(choices.budget, "budget", "give the number of candidates, or seeds or origins");
    Allocation allocation = Allocation.of(choices);
    Schedule schedule = model.schedule(choices);
    SelectionPlan selection =
        SelectionPlan.of(
            schedule.steps(),
            List.of(),
            choices.keep,
            choices.policy,
            choices.forecast,
            choices.finalMetric != null);
    boolean ownProbe = choices.signals.isEmpty() && model.diffusion().probe(1).isPresent();
    List<Signal> signals =
        ownProbe ? List.of(new BundledProbe(model.diffusion())) : choices.signals;
    return settled(choices, allocation, model, schedule, selection, signals);
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

  private static Plan settled(
      Choices choices,
      Allocation allocation,
      LoadedModel model,
      Schedule schedule,
      SelectionPlan selection,
      List<Signal> signals) {
    BundleManifest manifest = model.manifest();
    double scale =
        Objects.requireNonNullElse(choices.guidanceScale, manifest.defaults().guidanceScale());
    int width = model.width(choices);
    int height = model.height(choices);
    List<Integer> decisionSteps = selection.cuts().stream().map(StepCut::stepsDone).toList();
    SettingsValues settings =
        new SettingsValues(
            manifest.name(),
            manifest.denoiserHash().substring(0, Math.min(10, manifest.denoiserHash().length())),
            choices.prompt,
            choices.negativePrompt,
            model.scheduler().name(),
            model.steps(choices),
            schedule.steps(),
            decisionSteps,
            scale,
            width,
            height,
            manifest.latentShape(width, height),
            choices.reproducible);
    Plan plan =
        new Plan(
            settings,
            schedule,
            allocation.origins(),
            allocation.secondWave(),
            manifest.guidance(),
            selection,
            signals,
            allocation.finalMetric(),
            choices.observer,
            observedSteps(choices, decisionSteps, schedule.steps()),
            choices.listener,
            choices.previews,
            choices.reproducible ? 1 : choices.microBatchSize,
            Optional.ofNullable(choices.deadline));
    if (choices.guidanceScale != null) {
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

  /** What scores the candidates at every cut. */
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
      Choices choices, List<Integer> decisionSteps, int steps) {
    if (choices.observer == null) {
      return Set.of();
    }
    if (choices.observedAt.isEmpty()) {
      return Set.copyOf(decisionSteps);
    }
    return choices.observedAt.stream()
        .map(point -> point.stepsDone(steps))
        .collect(Collectors.toUnmodifiableSet());
  }

  /** Whether the observer is shown the running candidates once so many steps are done. */
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
