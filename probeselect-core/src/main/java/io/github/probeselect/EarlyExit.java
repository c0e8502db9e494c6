package io.github.probeselect;

import io.github.probeselect.GenerationListener.Phase;
import io.github.probeselect.GenerationListener.Progress;
import io.github.probeselect.image.RgbImage;
import io.github.probeselect.model.Conditioning;
import io.github.probeselect.model.DiffusionModel;
import io.github.probeselect.noise.TorchNoise;
import io.github.probeselect.selection.Selection;
import io.github.probeselect.selection.SelectionPlan;
import java.util.ArrayList;
import java.util.List;

/**
 * The early-exit loop: start every candidate, run to the next cut, look, score, select, and so on
 * after the last cut to the end; then decode the images of those who are left.
 */
final class EarlyExit {

  private final DiffusionModel model;
  private final Plan plan;
  private final Cancellation cancellation;
  private final GenerationListener listener;
  private final Selection selection;
  private final Stopwatch stopwatch = new Stopwatch();
  private long evaluations;
  private Phase phase = Phase.EARLY;
  private long beforePhase;
  private long phasePlanned;

  EarlyExit(DiffusionModel model, Plan plan, Cancellation cancellation) {
    this.model = model;
    this.plan = plan;
    this.cancellation = cancellation;
    this.listener = new QuietListener(plan.listener());
    this.selection = new Selection(plan.selection(), plan.seeds());
  }

  GenerationResult run() {
    Settings settings = plan.settings();
    cancellation.check();
    try (Conditioning prompt = model.encode(settings.prompt(), settings.negativePrompt())) {
      stopwatch.encoded();
      List<Trajectory> candidates = start();
      Sampler sampler = new Sampler(model, plan, prompt, cancellation, this::progressed);
      int done = decide(candidates, sampler);
      List<Trajectory> running = chosen(candidates);
      begin(Phase.REMAINING, (long) running.size() * (plan.selection().steps() - done));
      sampler.advance(running, done, plan.selection().steps());
      stopwatch.remained();
      Finish finish = finish(running);
      stopwatch.decoded();
      return new GenerationResult(
          settings,
          Candidates.of(plan, selection, candidates, finish),
          finish.best(),
          new Evaluations(
              evaluations,
              (long) candidates.size() * plan.selection().steps(),
              plan.unconditional() ? 2 : 1),
          stopwatch.timings(),
          Warnings.of(plan, prompt.truncations(), selection, candidates));
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

  private List<Trajectory> chosen(List<Trajectory> candidates) {
    return selection.chosen().stream().map(candidates::get).toList();
  }

  /** Runs through the cuts; returns after how many steps the last decision fell. */
  private int decide(List<Trajectory> candidates, Sampler sampler) {
    List<Integer> cuts = plan.settings().decisionSteps();
    begin(Phase.EARLY, evaluationsBeforeLastCut(candidates.size()));
    int done = 0;
    for (int cut = 0; cut < cuts.size() && (cut == 0 || isOpen()); cut++) {
      List<Trajectory> running = selection.running().stream().map(candidates::get).toList();
      try (Look look = sampler.advanceAndLook(running, done, cuts.get(cut))) {
        stopwatch.early();
        done = cuts.get(cut);
        if (isOpen()) {
          selection.decide(look.readings(plan.signals()), look.features());
        }
      }
      running.forEach(Trajectory::decided);
      preview(running);
      listener.onDecision(Candidates.of(plan, selection, candidates, Finish.NONE));
      stopwatch.decided();
    }
    return done;
  }

  /** Whether there is still somebody to drop. */
  private boolean isOpen() {
    return selection.nextDecision().isPresent();
  }

  private void preview(List<Trajectory> running) {
    if (plan.previews()) {
      for (Trajectory candidate : running) {
        cancellation.check();
        candidate.preview(
            model.decode(candidate.originalPrediction(), plan.settings().latentShape()));
      }
    }
  }

  /** Images are shown as they come, unless they have to be scored before it is known which. */
  private Finish finish(List<Trajectory> running) {
    boolean shown = plan.finalMetric() == null;
    List<KeptImage> images = new ArrayList<>();
    for (Trajectory candidate : running) {
      cancellation.check();
      RgbImage image = model.decode(candidate.latents(), plan.settings().latentShape());
      KeptImage kept = new KeptImage(candidate.seed(), image, plan.settings());
      images.add(kept);
      if (shown) {
        listener.onImage(kept);
      }
    }
    Finish finish = Finish.of(plan, images);
    if (!shown) {
      finish.best().forEach(listener::onImage);
    }
    return finish;
  }

  private void begin(Phase next, long planned) {
    phase = next;
    beforePhase = evaluations;
    phasePlanned = planned;
  }

  /** Of all candidates up to the last decision, at the most. */
  private long evaluationsBeforeLastCut(int candidates) {
    SelectionPlan chosen = plan.selection();
    int remaining = chosen.steps() - chosen.lastDecision(candidates);
    return chosen.evaluations(candidates) - (long) chosen.finished(candidates) * remaining;
  }

  private void progressed(int step, int rows, int running) {
    evaluations += rows;
    listener.onProgress(
        new Progress(
            phase,
            step + 1,
            plan.selection().steps(),
            running,
            evaluations - beforePhase,
            phasePlanned,
            evaluations,
            selection.evaluationsAtMost()));
  }
}
