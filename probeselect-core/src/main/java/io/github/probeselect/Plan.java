package io.github.probeselect;

import io.github.probeselect.bundle.BundleManifest;
import io.github.probeselect.bundle.BundleManifest.Guidance;
import io.github.probeselect.error.InvalidRequestException;
import io.github.probeselect.model.DiffusionModel;
import io.github.probeselect.model.Observation;
import io.github.probeselect.model.Probe;
import io.github.probeselect.schedule.Schedule;
import io.github.probeselect.schedule.Scheduler;
import io.github.probeselect.selection.SelectionPolicy;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
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
    int decisionStep = request.decisionPoint.stepsDone(steps);
    double scale = Objects.requireNonNullElse(request.guidanceScale, defaults.guidanceScale());
    if (manifest.guidance() == Guidance.NONE && request.guidanceScale != null && scale != 1) {
      throw new InvalidRequestException(
          "the model " + manifest.name() + " takes no guidance scale; leave it out");
    }
    int width = Objects.requireNonNullElse(request.width, defaults.width());
    int height = Objects.requireNonNullElse(request.height, defaults.height());
    Settings settings =
        new Settings(
            manifest.name(),
            manifest.denoiserHash().substring(0, Math.min(10, manifest.denoiserHash().length())),
            request.prompt,
            request.negativePrompt,
            scheduler.name(),
            steps,
            decisionStep,
            scale,
            width,
            height,
            manifest.latentShape(width, height),
            request.reproducible);
    return new Plan(
        settings,
        scheduler.schedule(steps),
        request.seeds,
        request.keep,
        manifest.guidance() == Guidance.CLASSIFIER_FREE && scale > 1,
        request.policy,
        request.keep == n ? null : probe(request, model, settings.fractionDone()),
        request.observer,
        request.listener,
        request.previews,
        request.reproducible ? 1 : request.microBatchSize);
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

  /** Denoiser evaluations this plan takes when {@code kept} candidates are finished. */
  long evaluations(int kept) {
    int steps = settings.steps();
    int early = settings.decisionStep();
    return (long) seeds.size() * early + (long) kept * (steps - early);
  }
}
