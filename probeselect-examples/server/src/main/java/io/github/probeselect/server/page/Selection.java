package io.github.probeselect.server.page;

import io.github.probeselect.GenerationRequest;
import io.github.probeselect.Pipeline;
import io.github.probeselect.model.PreviewProbe;
import io.github.probeselect.model.Probe;
import io.github.probeselect.model.QualityMetric;
import io.github.probeselect.model.Signal;
import io.github.probeselect.planning.Budget;
import io.github.probeselect.planning.Calibration;
import io.github.probeselect.planning.Proposal;
import io.github.probeselect.selection.DecisionPoint;
import io.github.probeselect.selection.Forecast;
import io.github.probeselect.server.page.SavedPage.CutStep;
import io.github.probeselect.server.page.SavedPage.Plan;
import io.github.probeselect.server.page.SavedPage.Status;
import io.github.probeselect.server.work.ImageRequest;
import java.util.List;
import java.util.Optional;

/**
 * How the candidates of a request are selected, and by what they are scored.
 *
 * @param plan the cuts
 * @param candidates how many are started
 * @param forecast how readings become a score; empty for the latest reading
 */
record Selection(Plan plan, int candidates, Optional<Forecast> forecast) {

  static Selection of(Pipeline pipeline, ImageRequest request) {
    if (request.budget().isPresent()) {
      Proposal proposal =
          pipeline.plan(Budget.fullRuns(request.budget().getAsDouble()), request.keep());
      List<CutStep> cuts =
          proposal.plan().cuts().stream()
              .map(cut -> new CutStep(cut.stepsDone(), cut.keep()))
              .toList();
      return new Selection(
          new Plan(cuts, proposal.signals(), true),
          proposal.candidates(),
          Optional.of(proposal.plan().forecast()));
    }
    int step = DecisionPoint.fraction(request.decideAt()).stepsDone(request.steps());
    List<CutStep> cuts =
        request.keep() < request.candidates()
            ? List.of(new CutStep(step, request.keep()))
            : List.of();
    return new Selection(new Plan(cuts, List.of(), false), request.candidates(), Optional.empty());
  }

  /**
   * That of a saved plan. The forecast of a budget is planned again, as files do not hold it; if
   * the plan is another one now, the latest reading is the score.
   */
  static Selection again(Pipeline pipeline, SavedPage saved) {
    ImageRequest request = saved.request();
    Optional<Forecast> forecast = Optional.empty();
    if (isPlannedAgain(saved)) {
      Selection now = of(pipeline, request);
      forecast = now.plan.equals(saved.plan()) ? now.forecast : Optional.empty();
    }
    return new Selection(saved.plan(), request.candidates(), forecast);
  }

  /** Whether a saved session needs the forecast of its plan. */
  static boolean isPlannedAgain(SavedPage saved) {
    return saved.request().budget().isPresent() && saved.status() != Status.FINISHED;
  }

  /** Scores a request by the signals of the plan. */
  GenerationRequest scored(GenerationRequest request, Pipeline pipeline) {
    if (plan.signals().isEmpty() && !plan.rescored()) {
      return request;
    }
    Calibration calibration = pipeline.calibration().orElseThrow();
    QualityMetric metric = pipeline.metric(calibration.metric());
    GenerationRequest scored = request.rescoreBy(metric);
    if (!plan.signals().isEmpty()) {
      scored =
          scored.signals(
              plan.signals().stream()
                  .map(name -> signal(name, pipeline, metric))
                  .toArray(Signal[]::new));
    }
    return forecast.isPresent() ? scored.forecast(forecast.get()) : scored;
  }

  private static Signal signal(String name, Pipeline pipeline, QualityMetric metric) {
    return switch (name) {
      case Signal.GUIDANCE_GAP -> Signal.guidanceGap();
      case Probe.NAME -> pipeline.probe();
      default -> new PreviewProbe(pipeline.model(), metric);
    };
  }
}
