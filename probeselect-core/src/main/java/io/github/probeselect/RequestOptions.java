package io.github.probeselect;

import io.github.probeselect.error.InvalidRequestException;
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
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/**
 * Every setting of a request with its default. A request never modifies its options, but copies
 * them.
 */
final class RequestOptions implements Cloneable {

  final String prompt;
  String negativePrompt = "";
  List<Long> seeds = List.of(0L);
  List<Origin> origins = List.of();
  List<Double> guidanceScales = List.of();
  List<String> wordings = List.of();
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

  /** The candidates' origins: those given, or one for each seed. */
  List<Origin> resolvedOrigins() {
    if (origins.isEmpty()) {
      return origins(seeds);
    }
    if (!guidanceScales.isEmpty() || !wordings.isEmpty()) {
      throw new InvalidRequestException(
          "origins determine guidance scale and wording of every candidate; leave guidanceScales and wordings out, or give seeds instead of origins");
    }
    return origins;
  }

  /** The origins of {@code n} candidates with consecutive seeds from the first seed on. */
  List<Origin> consecutiveOrigins(int n) {
    return origins(LongStream.range(0, n).map(i -> seeds.get(0) + i).boxed().toList());
  }

  private List<Origin> origins(List<Long> ofSeeds) {
    return IntStream.range(0, ofSeeds.size()).mapToObj(i -> origin(i, ofSeeds.get(i))).toList();
  }

  private Origin origin(int index, long seed) {
    Origin origin = Origin.seed(seed);
    if (!wordings.isEmpty()) {
      int turn = index / Math.max(1, guidanceScales.size());
      origin = origin.wording(wordings.get(turn % wordings.size()));
    }
    return guidanceScales.isEmpty()
        ? origin
        : origin.guidanceScale(guidanceScales.get(index % guidanceScales.size()));
  }
}
