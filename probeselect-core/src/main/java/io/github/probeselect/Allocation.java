package io.github.probeselect;

import io.github.probeselect.model.QualityMetric;
import io.github.probeselect.model.Signal;
import io.github.probeselect.selection.Cut;
import io.github.probeselect.selection.Forecast;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What the computation of a generation is spent on: as the request has it, or as it is planned for
 * a budget.
 *
 * @param origins where the candidates come from
 * @param secondWave how some of them start later
 * @param cuts where candidates are dropped
 * @param signals what scores the candidates at the cuts; the bundle's probe if empty
 * @param forecast what makes a score of the signals' readings
 * @param finalMetric what scores the finished images
 */
record Allocation(
    List<Origin> origins,
    Optional<SecondWave> secondWave,
    List<Cut> cuts,
    List<Signal> signals,
    Forecast forecast,
    @Nullable QualityMetric finalMetric) {

  static Allocation of(Choices choices) {
    return new Allocation(
        choices.resolvedOrigins(),
        Optional.ofNullable(choices.secondWave),
        choices.cuts == null ? List.of(new Cut(choices.decisionPoint, choices.keep)) : choices.cuts,
        choices.signals,
        choices.forecast,
        choices.finalMetric);
  }

  /** No selection: only as many candidates as are wanted. It is the least that a budget buys. */
  static Allocation withoutSelection(Choices choices) {
    return new Allocation(
        choices.consecutiveOrigins(choices.keep),
        Optional.empty(),
        List.of(),
        choices.signals,
        choices.forecast,
        choices.finalMetric);
  }
}
