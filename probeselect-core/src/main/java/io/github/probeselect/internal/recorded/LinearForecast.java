package io.github.probeselect.internal.recorded;

import io.github.probeselect.model.Judgement;
import io.github.probeselect.selection.Forecast;
import io.github.probeselect.selection.Reading;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * A weighted sum of the readings up to a decision point. No weight is negative, so a candidate that
 * every signal puts below another is never preferred to it. Immutable.
 *
 * @param stages what counts at each decision point, by steps done
 */
public record LinearForecast(Map<Integer, Stage> stages) implements Forecast {

  /** Copies the map. */
  public LinearForecast {
    stages = Map.copyOf(stages);
  }

  /**
   * A decision point.
   *
   * @param offset added to the sum
   * @param weights of what was read up to then, none negative
   * @param deviation root mean square error among the seeds of one prompt, in the metric's unit
   */
  public record Stage(double offset, Map<RecordedPoint, Double> weights, double deviation) {

    /** Copies the map. */
    public Stage {
      weights = Map.copyOf(weights);
    }
  }

  /**
   * Sums up; NaN where a reading that counts is missing or NaN, or where nothing is known of the
   * decision point.
   */
  @Override
  public Judgement of(List<Reading> readings) {
    Stage stage = stages.get(readings.get(readings.size() - 1).stepsDone());
    if (stage == null) {
      return new Judgement(Double.NaN, Double.NaN);
    }
    double sum = stage.offset;
    int counted = 0;
    for (Reading reading : readings) {
      Double weight = stage.weights.get(new RecordedPoint(reading.signal(), reading.stepsDone()));
      if (weight != null) {
        sum += weight * reading.judgement().score();
        counted++;
      }
    }
    return counted == stage.weights.size()
        ? new Judgement(sum, stage.deviation)
        : new Judgement(Double.NaN, Double.NaN);
  }

  /** The decision points in their order. */
  public List<Integer> decisionSteps() {
    return List.copyOf(new TreeMap<>(stages).keySet());
  }
}
