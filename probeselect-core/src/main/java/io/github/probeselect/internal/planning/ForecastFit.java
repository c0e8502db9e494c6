package io.github.probeselect.internal.planning;

import io.github.probeselect.internal.recorded.LinearForecast;
import io.github.probeselect.internal.recorded.RecordedReadings;
import io.github.probeselect.planning.Calibration;
import io.github.probeselect.planning.Calibration.Point;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * Fits forecasts of the final metric: non-negative least squares on values less their prompt's
 * mean, for any choice of signals and decision points. Candidates without a finite score at one of
 * the points are left out. Immutable.
 */
final class ForecastFit {

  /**
   * The share of a point's variance that is added to it (ridge), so that equal readings share the
   * weight.
   */
  private static final double RIDGE = 1e-3;

  private static final int SWEEPS = 300;

  private final List<Point> points;
  private final double[] means;
  private final double[][] covariance;

  ForecastFit(RecordedReadings trajectories) {
    this.points = trajectories.points();
    int values = points.size() + 1;
    this.means = new double[values];
    this.covariance = new double[values][values];
    int rows = 0;
    for (Calibration.Prompt group : trajectories.prompts()) {
      double[][] scored =
          IntStream.range(0, group.size())
              .mapToObj(candidate -> row(group, candidate))
              .filter(row -> IntStream.range(0, values).allMatch(i -> Double.isFinite(row[i])))
              .toArray(double[][]::new);
      rows += scored.length;
      add(scored);
    }
    for (int i = 0; i < values; i++) {
      means[i] /= Math.max(1, rows);
      for (int j = 0; j < values; j++) {
        covariance[i][j] /= Math.max(1, rows);
      }
    }
  }

  private double[] row(Calibration.Prompt group, int candidate) {
    double[] row = new double[points.size() + 1];
    System.arraycopy(group.scores()[candidate], 0, row, 0, points.size());
    row[points.size()] = group.finals()[candidate];
    return row;
  }

  private void add(double[][] rows) {
    double[] mean = new double[means.length];
    for (double[] row : rows) {
      for (int i = 0; i < mean.length; i++) {
        mean[i] += row[i] / rows.length;
        means[i] += row[i];
      }
    }
    for (double[] row : rows) {
      for (int i = 0; i < mean.length; i++) {
        for (int j = 0; j < mean.length; j++) {
          covariance[i][j] += (row[i] - mean[i]) * (row[j] - mean[j]);
        }
      }
    }
  }

  /** The forecast for decisions after these steps, at each of which the given signals score. */
  LinearForecast forecast(List<String> signals, List<Integer> decisionSteps) {
    Map<Integer, LinearForecast.Stage> stages = new HashMap<>();
    for (int stepsDone : decisionSteps) {
      int[] read =
          IntStream.range(0, points.size())
              .filter(i -> signals.contains(points.get(i).signal()))
              .filter(i -> points.get(i).stepsDone() <= stepsDone)
              .filter(i -> decisionSteps.contains(points.get(i).stepsDone()))
              .toArray();
      stages.put(stepsDone, stage(read));
    }
    return new LinearForecast(stages);
  }

  private LinearForecast.Stage stage(int[] read) {
    int target = points.size();
    double[] weights = new double[read.length];
    for (int sweep = 0; sweep < SWEEPS; sweep++) {
      for (int i = 0; i < read.length; i++) {
        double left = covariance[read[i]][target];
        for (int j = 0; j < read.length; j++) {
          left -= j == i ? 0 : covariance[read[i]][read[j]] * weights[j];
        }
        double own = covariance[read[i]][read[i]] * (1 + RIDGE);
        weights[i] = own > 0 ? Math.max(0, left / own) : 0;
      }
    }
    double offset = means[target];
    double error = covariance[target][target];
    Map<Point, Double> byPoint = new HashMap<>();
    for (int i = 0; i < read.length; i++) {
      offset -= weights[i] * means[read[i]];
      error -= 2 * weights[i] * covariance[read[i]][target];
      for (int j = 0; j < read.length; j++) {
        error += weights[i] * weights[j] * covariance[read[i]][read[j]];
      }
      if (weights[i] > 0) {
        byPoint.put(points.get(read[i]), weights[i]);
      }
    }
    return new LinearForecast.Stage(offset, byPoint, Math.sqrt(Math.max(0, error)));
  }
}
