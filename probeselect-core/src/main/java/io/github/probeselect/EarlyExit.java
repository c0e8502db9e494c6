package io.github.probeselect;

import io.github.probeselect.GenerationListener.Phase;
import io.github.probeselect.GenerationListener.Progress;
import io.github.probeselect.image.RgbImage;
import io.github.probeselect.model.ActivationExtractor.Capture;
import io.github.probeselect.model.Activations;
import io.github.probeselect.model.Conditioning;
import io.github.probeselect.model.DenoiserBatch;
import io.github.probeselect.model.DiffusionModel;
import io.github.probeselect.model.JoinedActivations;
import io.github.probeselect.model.Observation;
import io.github.probeselect.model.Prediction;
import io.github.probeselect.noise.TorchNoise;
import java.util.ArrayList;
import java.util.List;

/**
 * The early-exit loop: start every candidate, run the early steps, read the activations, score,
 * select, run the remaining steps of the kept, decode their images.
 */
final class EarlyExit {

  private final DiffusionModel model;
  private final Plan plan;
  private final Cancellation cancellation;
  private final GenerationListener listener;
  private final Stopwatch stopwatch = new Stopwatch();
  private long evaluations;
  private long evaluationsPlanned;

  EarlyExit(DiffusionModel model, Plan plan, Cancellation cancellation) {
    this.model = model;
    this.plan = plan;
    this.cancellation = cancellation;
    this.listener = new QuietListener(plan.listener());
    this.evaluationsPlanned = plan.evaluations(plan.keep());
  }

  GenerationResult run() {
    Settings settings = plan.settings();
    cancellation.check();
    try (Conditioning prompt = model.encode(settings.prompt(), settings.negativePrompt())) {
      stopwatch.encoded();
      List<Trajectory> candidates = start();
      steps(Phase.EARLY, candidates, prompt);
      Decision decision = Decision.of(plan, candidates, previews(candidates));
      listener.onDecision(decision.candidates());
      stopwatch.decided();
      evaluationsPlanned = plan.evaluations(decision.kept().size());
      steps(Phase.REMAINING, decision.kept(), prompt);
      stopwatch.remained();
      List<KeptImage> images = decode(decision.kept());
      stopwatch.decoded();
      return new GenerationResult(
          settings,
          decision.candidates(),
          images,
          new Evaluations(
              evaluations, plan.evaluations(candidates.size()), plan.unconditional() ? 2 : 1),
          stopwatch.timings(),
          Warnings.of(plan, prompt.truncations(), candidates, decision.kept()));
    }
  }

  private List<Trajectory> start() {
    List<Trajectory> candidates = new ArrayList<>();
    for (long seed : plan.seeds()) {
      float[] noise = TorchNoise.gaussian(seed, plan.settings().latentShape().count());
      candidates.add(new Trajectory(candidates.size(), seed, plan.schedule(), noise));
    }
    return candidates;
  }

  private void steps(Phase phase, List<Trajectory> running, Conditioning prompt) {
    int decisionStep = plan.settings().decisionStep();
    boolean early = phase == Phase.EARLY;
    int last = early ? decisionStep : plan.schedule().steps();
    for (int step = early ? 0 : decisionStep; step < last; step++) {
      step(step, phase, running, prompt);
    }
  }

  /** One step of everyone; activations live only as long as they are looked at. */
  private void step(int step, Phase phase, List<Trajectory> running, Conditioning prompt) {
    boolean decides = step + 1 == plan.settings().decisionStep();
    boolean isLookedAt = plan.isObserved(step + 1) || (decides && plan.probe() != null);
    List<Activations> seen = new ArrayList<>();
    try {
      for (List<Trajectory> chunk : chunks(running)) {
        cancellation.check();
        DenoiserBatch batch = batch(step, chunk, prompt);
        List<Prediction> predictions =
            isLookedAt ? captured(batch, seen) : model.denoiser().predict(batch);
        if (isLookedAt || decides) {
          observe(step, chunk, predictions);
        }
        advance(step, chunk, predictions);
        progressed(phase, step, chunk, running);
      }
      if (decides) {
        stopwatch.early();
      }
      if (isLookedAt) {
        lookAt(step, running, seen, prompt);
      }
    } finally {
      seen.forEach(Activations::close);
    }
  }

  private List<Prediction> captured(DenoiserBatch batch, List<Activations> seen) {
    Capture capture = model.activationExtractor().capture(batch);
    seen.add(capture.activations());
    return capture.predictions();
  }

  /**
   * Looks at all candidates together, which is fastest; in the reproducible mode one by one, so
   * that a score does not depend on how many there are.
   */
  private void lookAt(
      int step, List<Trajectory> candidates, List<Activations> seen, Conditioning prompt) {
    if (!plan.settings().reproducible()) {
      lookAt(step, candidates, new JoinedActivations(seen), prompt);
      return;
    }
    for (int i = 0; i < seen.size(); i++) {
      lookAt(step, candidates.subList(i, i + 1), seen.get(i), prompt);
    }
  }

  private void lookAt(
      int step, List<Trajectory> candidates, Activations activations, Conditioning prompt) {
    cancellation.check();
    Observation observation = observation(step, candidates, activations, prompt);
    if (plan.observer() != null && plan.isObserved(step + 1)) {
      plan.observer().accept(observation);
    }
    if (plan.probe() != null && step + 1 == plan.settings().decisionStep()) {
      double[] scores = plan.probe().score(observation);
      Decision.checkScores(scores, candidates.size());
      for (int row = 0; row < scores.length; row++) {
        candidates.get(row).judge(scores[row]);
      }
    }
  }

  private Observation observation(
      int step, List<Trajectory> candidates, Activations activations, Conditioning prompt) {
    return new Observation(
        plan.settings().prompt(),
        candidates.stream().map(Trajectory::seed).toList(),
        activations,
        candidates.stream().map(Trajectory::latents).toList(),
        candidates.stream().map(Trajectory::originalPrediction).toList(),
        plan.settings().latentShape(),
        candidates.stream().map(Trajectory::guidanceGap).toList(),
        (step + 1) / (double) plan.schedule().steps(),
        prompt);
  }

  private DenoiserBatch batch(int step, List<Trajectory> chunk, Conditioning prompt) {
    return new DenoiserBatch(
        plan.settings().latentShape(),
        chunk.stream().map(trajectory -> trajectory.modelInput(step)).toList(),
        plan.schedule().timestep(step),
        prompt,
        plan.settings().guidanceScale(),
        plan.unconditional());
  }

  private void observe(int step, List<Trajectory> chunk, List<Prediction> predictions) {
    for (int row = 0; row < chunk.size(); row++) {
      chunk.get(row).observe(step, predictions.get(row), plan.settings().guidanceScale());
    }
  }

  private void advance(int step, List<Trajectory> chunk, List<Prediction> predictions) {
    for (int row = 0; row < chunk.size(); row++) {
      chunk.get(row).advance(step, predictions.get(row), plan.settings().guidanceScale());
    }
  }

  private List<RgbImage> previews(List<Trajectory> candidates) {
    List<RgbImage> previews = new ArrayList<>();
    if (plan.previews()) {
      for (Trajectory candidate : candidates) {
        cancellation.check();
        previews.add(model.decode(candidate.originalPrediction(), plan.settings().latentShape()));
      }
    }
    return previews;
  }

  private List<KeptImage> decode(List<Trajectory> kept) {
    List<KeptImage> images = new ArrayList<>();
    for (Trajectory candidate : kept) {
      cancellation.check();
      RgbImage image = model.decode(candidate.latents(), plan.settings().latentShape());
      images.add(new KeptImage(candidate.seed(), image, plan.settings()));
      listener.onImage(images.get(images.size() - 1));
    }
    return images;
  }

  private List<List<Trajectory>> chunks(List<Trajectory> trajectories) {
    List<List<Trajectory>> chunks = new ArrayList<>();
    for (int from = 0; from < trajectories.size(); from += plan.rowsPerCall()) {
      int to = Math.min(trajectories.size(), from + plan.rowsPerCall());
      chunks.add(trajectories.subList(from, to));
    }
    return chunks;
  }

  private void progressed(Phase phase, int step, List<Trajectory> chunk, List<Trajectory> running) {
    evaluations += chunk.size();
    int early = plan.settings().decisionStep();
    boolean isEarly = phase == Phase.EARLY;
    long before = isEarly ? 0 : (long) plan.seeds().size() * early;
    listener.onProgress(
        new Progress(
            phase,
            step + 1,
            plan.schedule().steps(),
            running.size(),
            evaluations - before,
            (long) running.size() * (isEarly ? early : plan.schedule().steps() - early),
            evaluations,
            evaluationsPlanned));
  }
}
