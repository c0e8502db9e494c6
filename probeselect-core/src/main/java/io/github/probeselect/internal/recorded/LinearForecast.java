package io.github.probeselect.internal.recorded;

import io.github.probeselect.model.Score;
import io.github.probeselect.planning.Calibration.Point;
import io.github.probeselect.selection.Forecast;
import io.github.probeselect.selection.Reading;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * A weighted sum of the readings up to a decision point. No weight is negative, so a candidate that
 * every signal puts below another is never preferred to it. Immutable.
 *
 * @param stages the weights of each decision point, by steps done
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
   * @param weights the weights of the readings up to that point, none negative
   * @param deviation the root mean square error among the seeds of one prompt, in the metric's unit
   */
  public record Stage(double offset, Map<Point, Double> weights, double deviation) {

    /** Copies the map. */
    public Stage {
      weights = Map.copyOf(weights);
    }
  }

  /**
   * Computes the sum; NaN if a reading with a weight is missing or NaN, or the decision point has
   * no weights.
   */
  @Override
  public Score of(List<Reading> readings) {
    Stage stage = stages.get(readings.get(readings.size() - 1).stepsDone());
    if (stage == null) {
      return new Score(Double.NaN, Double.NaN);
    }
    double sum = stage.offset;
    int counted = 0;
    for (Reading reading : readings) {
      Double weight = stage.weights.get(new Point(reading.signal(), reading.stepsDone()));
      if (weight != null) {
        sum += weight * reading.score().value();
        counted++;
      }
    }
    return counted == stage.weights.size()
        ? new Score(sum, stage.deviation)
        : new Score(Double.NaN, Double.NaN);
  }

  /** The decision points in ascending order. */
  public List<Integer> decisionSteps() {
    return List.copyOf(new TreeMap<>(stages).keySet());
  }
}
