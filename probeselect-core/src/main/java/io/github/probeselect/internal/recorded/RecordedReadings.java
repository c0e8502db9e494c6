package io.github.probeselect.internal.recorded;

import io.github.probeselect.error.InvalidRequestException;
import io.github.probeselect.model.Score;
import io.github.probeselect.planning.Calibration.Point;
import io.github.probeselect.planning.Calibration.Prompt;
import io.github.probeselect.planning.Calibration.Readings;
import io.github.probeselect.selection.Reading;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * The readings of many candidates on their way, and the quality of each finished image: what
 * policies are replayed on and planned from. Immutable and safe for use by several threads.
 */
public final class RecordedReadings {

  private final int steps;
  private final List<Point> points;
  private final List<Prompt> prompts;

  /** Wraps readings; the arrays are not copied and must not be changed afterwards. */
  public RecordedReadings(Readings readings) {
    steps = readings.steps();
    points = readings.points();
    prompts = readings.prompts();
  }

  private RecordedReadings(int steps, List<Point> points, List<Prompt> prompts) {
    this(new Readings(steps, points, prompts));
  }

  /** Denoising steps of the schedule. */
  public int steps() {
    return steps;
  }

  /** Signals and steps of the readings. */
  public List<Point> points() {
    return points;
  }

  /** The recorded prompts. */
  public List<Prompt> prompts() {
    return prompts;
  }

  /** The names of the signals, in the order of their first readings. */
  public List<String> signals() {
    return points.stream().map(Point::signal).distinct().toList();
  }

  /** The numbers of steps done at which a signal has readings, ascending. */
  public List<Integer> observedAfter(String signal) {
    return points.stream()
        .filter(point -> point.signal().equals(signal))
        .map(Point::stepsDone)
        .sorted()
        .toList();
  }

  /** The minimum number of candidates of a prompt. */
  public int candidates() {
    return prompts.stream().mapToInt(Prompt::size).min().orElseThrow();
  }

  /**
   * The first {@code candidates} candidates of every prompt.
   *
   * @throws InvalidRequestException if a prompt has fewer
   */
  public RecordedReadings first(int candidates) {
    if (candidates < 1 || candidates > candidates()) {
      throw new InvalidRequestException(
          String.format(
              Locale.ROOT,
              "the first %d candidates of prompts that have %d",
              candidates,
              candidates()));
    }
    return new RecordedReadings(
        steps,
        points,
        prompts.stream()
            .map(
                group ->
                    new Prompt(
                        Arrays.copyOf(group.scores(), candidates),
                        Arrays.copyOf(group.finals(), candidates)))
            .toList());
  }

  /**
   * Applies a forecast to these readings: the result has one signal {@code name}, whose score at
   * every decision point of the forecast is the forecast's score.
   */
  public RecordedReadings forecast(String name, LinearForecast forecast) {
    List<Integer> decisionSteps = forecast.decisionSteps();
    double[][] weights = new double[decisionSteps.size()][points.size()];
    for (int i = 0; i < weights.length; i++) {
      LinearForecast.Stage stage = forecast.stages().get(decisionSteps.get(i));
      for (int point = 0; stage != null && point < points.size(); point++) {
        weights[i][point] = stage.weights().getOrDefault(points.get(point), 0.0);
      }
    }
    List<Prompt> forecasted =
        prompts.stream().map(group -> new Prompt(sums(group, weights), group.finals())).toList();
    return new RecordedReadings(
        steps, decisionSteps.stream().map(step -> new Point(name, step)).toList(), forecasted);
  }

  private static double[][] sums(Prompt group, double[][] weights) {
    double[][] sums = new double[group.size()][weights.length];
    for (int candidate = 0; candidate < sums.length; candidate++) {
      for (int i = 0; i < weights.length; i++) {
        for (int point = 0; point < weights[i].length; point++) {
          if (weights[i][point] != 0) {
            sums[candidate][i] += weights[i][point] * group.scores()[candidate][point];
          }
        }
      }
    }
    return sums;
  }

  /**
   * A reading of a candidate.
   *
   * @throws InvalidRequestException if there is no reading at that point
   */
  public Reading reading(Prompt group, int candidate, Point point) {
    int index = points.indexOf(point);
    if (index < 0) {
      throw new InvalidRequestException(
          String.format(
              Locale.ROOT,
              "'%s' has no reading after step %d; it has readings after the steps %s",
              point.signal(),
              point.stepsDone(),
              observedAfter(point.signal())));
    }
    return new Reading(
        point.signal(),
        point.stepsDone(),
        steps,
        new Score(group.scores()[candidate][index], Double.NaN));
  }
}
