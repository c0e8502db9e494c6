package io.github.probeselect;

import io.github.probeselect.GenerationListener.Phase;
import io.github.probeselect.internal.selection.Selection;
import io.github.probeselect.model.DiffusionModel;
import io.github.probeselect.selection.ScoredCandidate;
import io.github.probeselect.selection.SelectionPlan;
import java.util.List;

/**
 * The early-exit loop: start every candidate, run to the next cut, score, select, and so on after
 * the last cut to the end; then decode the images of those that are left.
 */
final class EarlyExit {

  private final DiffusionModel model;
  private final Plan plan;
  private final Cancellation cancellation;
  private final Selection selection;
  private final Run run;

  EarlyExit(DiffusionModel model, Plan plan, Cancellation cancellation) {
    this.model = model;
    this.plan = plan;
    this.cancellation = cancellation;
    this.selection =
        new Selection(plan.selection(), plan.origins().stream().map(Origin::seed).toList());
    this.run = new Run(plan, selection.standings());
  }

  GenerationResult run() {
    cancellation.check();
    List<Origin> first = plan.origins().subList(0, plan.first());
    try (Context context = Context.open(model, plan, first, cancellation)) {
      run.stopwatch().encoded();
      first.forEach(run::start);
      selectAtCuts(context);
      return run.finish(context, plan.selection().keep(), selection::stepsDone);
    }
  }

  private void selectAtCuts(Context context) {
    Sampler sampler =
        run.sampler(context, Phase.EARLY, evaluationsBeforeLastCut(), selection::evaluationsAtMost);
    List<Integer> cuts = plan.settings().decisionSteps();
    for (int i = 0; i < cuts.size() && (i == 0 || isOpen()); i++) {
      int cut = cuts.get(i);
      run.advance(context, sampler, run.running(), cut, isOpen());
      if (run.trajectories().size() < plan.origins().size()) {
        startSecondWave();
        run.advance(context, sampler, run.running(), cut, isOpen());
      }
      if (isOpen()) {
        cancellation.callback(() -> selection.select(run.features()));
      }
      context.listener().onDecision(run.candidates(selection::stepsDone));
    }
  }

  /** Whether there are still candidates to drop. */
  private boolean isOpen() {
    return selection.nextDecision().isPresent();
  }

  private void startSecondWave() {
    List<Origin> first = run.origins();
    List<ScoredCandidate> scored = selection.standings().scored().subList(0, first.size());
    List<Origin> wave =
        plan.secondWave()
            .orElseThrow()
            .origins(
                scored,
                first,
                plan.origins().stream().skip(plan.first()).map(Origin::seed).toList());
    plan.checkNew(first, wave);
    wave.forEach(run::start);
  }

  /** Of all candidates, if every cut keeps all that it may. */
  private long evaluationsBeforeLastCut() {
    int count = plan.origins().size();
    SelectionPlan chosen = plan.selection();
    int remaining = chosen.steps() - chosen.lastDecision(count);
    return chosen.evaluations(count) - (long) chosen.finished(count) * remaining;
  }
}
