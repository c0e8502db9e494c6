package io.github.probeselect;

import io.github.probeselect.GenerationListener.Phase;
import io.github.probeselect.GenerationListener.Start;
import io.github.probeselect.internal.selection.Selection;
import io.github.probeselect.model.DiffusionModel;
import io.github.probeselect.selection.Round.ScoredCandidate;
import io.github.probeselect.selection.SelectionPlan;
import java.util.List;

/**
 * The early-exit loop: start every candidate, run to each cut, score and select there; after the
 * last cut run the remaining candidates to the end and decode their images.
 */
final class EarlyExit {

  private final ResolvedRequest request;
  private final Cancellation cancellation;
  private final Selection selection;
  private final Run run;

  private EarlyExit(ResolvedRequest request, Cancellation cancellation) {
    this.request = request;
    this.cancellation = cancellation;
    this.selection =
        new Selection(request.selection(), request.origins().stream().map(Origin::seed).toList());
    this.run = new Run(request, selection.selectionState());
  }

  /** Runs a request on the device of the pool that is least busy. */
  static GenerationResult run(ModelPool pool, ResolvedRequest request, Cancellation cancellation) {
    cancellation.check();
    return pool.use(model -> new EarlyExit(request.on(model.device()), cancellation).run(model));
  }

  private GenerationResult run(DiffusionModel model) {
    List<Origin> first = request.origins().subList(0, request.first());
    try (Context context = Context.open(model, request, first, cancellation)) {
      run.stopwatch().encoded();
      context
          .listener()
          .onStart(new Start(request.settings(), request.selection(), request.origins()));
      first.forEach(run::start);
      selectAtCuts(context);
      return run.finish(context, request.selection().keep(), selection::stepsDone);
    }
  }

  private void selectAtCuts(Context context) {
    Sampler sampler =
        run.sampler(context, Phase.EARLY, evaluationsBeforeLastCut(), selection::evaluationsAtMost);
    List<Integer> cuts = request.settings().decisionSteps();
    for (int i = 0; i < cuts.size() && (i == 0 || isOpen()); i++) {
      int cut = cuts.get(i);
      run.advance(context, sampler, run.running(), cut, isOpen());
      if (run.trajectories().size() < request.origins().size()) {
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
    List<ScoredCandidate> scored = selection.selectionState().scored().subList(0, first.size());
    List<Origin> wave =
        request
            .secondWave()
            .orElseThrow()
            .origins(
                scored,
                first,
                request.origins().stream().skip(request.first()).map(Origin::seed).toList());
    request.checkNew(first, wave);
    wave.forEach(run::start);
  }

  /** Denoiser evaluations of all candidates up to the last cut, if every cut keeps its maximum. */
  private long evaluationsBeforeLastCut() {
    int count = request.origins().size();
    SelectionPlan chosen = request.selection();
    int remaining = chosen.steps() - chosen.lastDecision(count);
    return chosen.evaluations(count) - (long) chosen.finished(count) * remaining;
  }
}
