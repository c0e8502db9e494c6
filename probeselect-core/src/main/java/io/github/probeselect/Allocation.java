package io.github.probeselect;

import io.github.probeselect.model.QualityMetric;
import io.github.probeselect.model.Signal;
import io.github.probeselect.selection.Cut;
import io.github.probeselect.selection.Forecast;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The candidates, cuts and signals of a generation: those of the request, or those planned for a
 * budget.
 *
 * @param origins one for each candidate
 * @param secondWave how some of them start later from noise near the best
 * @param cuts where candidates are dropped
 * @param signals the signals that score the candidates at the cuts; the bundle's probe if empty
 * @param forecast computes a score from the signals' readings
 * @param finalMetric the metric that scores the finished images
 */
record Allocation(
    List<Origin> origins,
    Optional<SecondWave> secondWave,
    List<Cut> cuts,
    List<Signal> signals,
    Forecast forecast,
    @Nullable QualityMetric finalMetric) {

  static Allocation of(RequestOptions options) {
    return new Allocation(
        options.origins.all(),
        Optional.ofNullable(options.secondWave),
        options.cuts == null ? List.of(new Cut(options.decisionPoint, options.keep)) : options.cuts,
        options.signals,
        options.forecast,
        options.finalMetric);
  }

  /**
   * No selection: starts only as many candidates as images are wanted, the least that a budget must
   * pay for.
   */
  static Allocation withoutSelection(RequestOptions options) {
    return new Allocation(
        options.origins.consecutive(options.keep),
        Optional.empty(),
        List.of(),
        options.signals,
        options.forecast,
        options.finalMetric);
  }
}
