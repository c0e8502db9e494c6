package io.github.probeselect;

import io.github.probeselect.GenerationListener.Phase;
import io.github.probeselect.GenerationListener.Progress;
import io.github.probeselect.model.DiffusionModel;
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
  private final List<Trajectory> candidates = new ArrayList<>();
  private long evaluations;
  private Phase phase = Phase.EARLY;
  private long beforePhase;
  private long phasePlanned;

  EarlyExit(DiffusionModel model, Plan plan, Cancellation cancellation) {
    this.model = model;
    this.plan = plan;
    this.cancellation = cancellation;
    this.listener = new QuietListener(plan.listener(), cancellation);
    this.selection =
        new Selection(plan.selection(), plan.origins().stream().map(Origin::seed).toList());
  }

  GenerationResult run() {
    Settings settings = plan.settings();
    int steps = plan.selection().steps();
    cancellation.check();
    try (Wordings wordings =
        new Wordings(model, settings.negativePrompt())
            .encode(plan.origins().subList(0, plan.first()), settings)) {
      stopwatch.encoded();
      Sampler sampler = new Sampler(model, plan, wordings, cancellation, this::progressed);
      start();
      int done = decide(sampler);
      List<Trajectory> running = selection.chosen().stream().map(candidates::get).toList();
      begin(Phase.REMAINING, (long) running.size() * (steps - done));
      sampler.advance(running, steps);
      stopwatch.remained();
      Finish finish =
          Finish.of(
              model,
              plan,
              running,
              plan.selection().keep(),
              selection.standings(),
              cancellation,
              listener);
      stopwatch.decoded();
      return new GenerationResult(
          settings,
          candidates(finish),
          finish.best(),
          Evaluations.of(plan, candidates, evaluations),
          stopwatch.timings(),
          Warnings.of(plan, wordings.truncations(), selection.standings(), candidates, finish));
    }
  }

  /** Starts everyone; who belongs to a second wave starts near the others later. */
  private void start() {
    plan.origins().subList(0, plan.first()).forEach(this::start);
  }

  private void start(Origin origin) {
    candidates.add(new Trajectory(candidates.size(), origin, plan));
  }

  /** Runs through the cuts; returns after how many steps the last decision fell. */
  private int decide(Sampler sampler) {
    List<Integer> cuts = plan.settings().decisionSteps();
    begin(Phase.EARLY, evaluationsBeforeLastCut(plan.origins().size()));
    int done = 0;
    for (int cut = 0; cut < cuts.size() && (cut == 0 || isOpen()); cut++) {
      done = cuts.get(cut);
      Views views = new Views();
      look(sampler, done, views);
      if (candidates.size() < plan.origins().size()) {
        startSecondWave(views);
        look(sampler, done, views);
      }
      List<Trajectory> running = running();
      if (isOpen()) {
        cancellation.callback(() -> selection.decide(views.readings(running), views.features()));
      }
      running.forEach(Trajectory::decided);
      preview(running);
      listener.onDecision(candidates(Finish.NONE));
      stopwatch.decided();
    }
    return done;
  }

  /** Takes everyone there who has started, and looks at those who arrive. */
  private void look(Sampler sampler, int stepsDone, Views views) {
    try (Look look = sampler.advanceAndLook(running(), stepsDone)) {
      stopwatch.early();
      if (isOpen()) {
        views.add(look, plan);
      }
    }
    stopwatch.decided();
  }

  private List<Trajectory> running() {
    return selection.running().stream()
        .filter(index -> index < candidates.size())
        .map(candidates::get)
        .toList();
  }

  private void startSecondWave(Views views) {
    List<Origin> present = candidates.stream().map(Trajectory::origin).toList();
    List<Origin> wave =
        plan.secondWave()
            .orElseThrow()
            .origins(
                cancellation.callback(() -> views.scored(candidates, plan.selection().forecast())),
                present,
                plan.origins().stream().skip(plan.first()).map(Origin::seed).toList());
    plan.checkNew(present, wave);
    wave.forEach(this::start);
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
            model.preview(candidate.originalPrediction(), plan.settings().latentShape()));
      }
    }
  }

  private List<Candidate> candidates(Finish finish) {
    return Candidates.of(selection.standings(), candidates, selection::stepsDone, finish);
  }

  private void begin(Phase next, long planned) {
    phase = next;
    beforePhase = evaluations;
    phasePlanned = planned;
  }

  /** Of all candidates up to the last decision, at the most. */
  private long evaluationsBeforeLastCut(int count) {
    SelectionPlan chosen = plan.selection();
    int remaining = chosen.steps() - chosen.lastDecision(count);
    return chosen.evaluations(count) - (long) chosen.finished(count) * remaining;
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
