package io.github.probeselect;

import io.github.probeselect.model.Observation;
import io.github.probeselect.model.QualityMetric;
import io.github.probeselect.model.Signal;
import io.github.probeselect.planning.Budget;
import io.github.probeselect.selection.Cut;
import io.github.probeselect.selection.DecisionPoint;
import io.github.probeselect.selection.Forecast;
import io.github.probeselect.selection.SelectionPolicy;
import java.time.Instant;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Every setting of a request with its default. A request never modifies its options, but copies
 * them.
 */
final class RequestOptions implements Cloneable {

  final String prompt;
  String negativePrompt = "";
  CandidateOrigins origins = CandidateOrigins.DEFAULT;
  @Nullable SecondWave secondWave;
  int keep = 1;
  @Nullable Integer steps;
  @Nullable Double guidanceScale;
  @Nullable Integer width;
  @Nullable Integer height;
  DecisionPoint decisionPoint = DecisionPoint.fraction(0.2);
  SelectionPolicy policy = SelectionPolicy.topK();
  @Nullable List<Cut> cuts;
  List<Signal> signals = List.of();
  Forecast forecast = Forecast.latest();
  @Nullable QualityMetric finalMetric;
  @Nullable Budget budget;
  @Nullable Consumer<Observation> observer;
  List<DecisionPoint> observedAt = List.of();
  GenerationListener listener = new GenerationListener() {};
  boolean previews;
  @Nullable Integer previewEvery;
  boolean reproducible;
  @Nullable Integer microBatchSize;
  @Nullable Instant deadline;

  RequestOptions(String prompt) {
    this.prompt = prompt;
  }

  RequestOptions copy() {
    try {
      return (RequestOptions) clone();
    } catch (CloneNotSupportedException e) {
      throw new AssertionError(e);
    }
  }
}
