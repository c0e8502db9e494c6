package io.github.probeselect.internal.recorded;

import io.github.probeselect.error.InvalidRequestException;
import io.github.probeselect.model.Score;
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
  private final List<RecordedPoint> points;
  private final List<Group> prompts;

  /**
   * The candidates of one prompt.
   *
   * @param scores for each candidate the score at each point, higher is better, NaN if it could not
   *     be scored
   * @param finals for each candidate the final metric, that of its finished image
   */
  @SuppressWarnings("ArrayRecordComponent") // compared by identity, never by value
  public record Group(double[][] scores, double[] finals) {

    /** The number of candidates. */
    public int size() {
      return finals.length;
    }
  }

  /**
   * Wraps recorded values; the arrays are not copied and must not be changed afterwards.
   *
   * @param steps denoising steps of the schedule
   * @param points signals and steps of the readings
   * @param prompts at least one
   * @throws InvalidRequestException if their shapes do not fit, a point lies outside the schedule,
   *     or a final metric is not finite
   */
  public RecordedReadings(int steps, List<RecordedPoint> points, List<Group> prompts) {
    this.steps = steps;
    this.points = List.copyOf(points);
    this.prompts = List.copyOf(prompts);
    if (prompts.isEmpty() || points.isEmpty()) {
      throw new InvalidRequestException("there are no recorded prompts, or no readings");
    }
    for (RecordedPoint point : points) {
      if (point.stepsDone() < 1 || point.stepsDone() > steps) {
        throw new InvalidRequestException(
            String.format(
                Locale.ROOT,
                "'%s' has readings after step %d of %d",
                point.signal(),
                point.stepsDone(),
                steps));
      }
    }
    for (int i = 0; i < prompts.size(); i++) {
      check(prompts.get(i), i);
    }
  }

  private void check(Group group, int prompt) {
    if (group.scores.length != group.finals.length || group.finals.length == 0) {
      throw new InvalidRequestException(
          String.format(
              Locale.ROOT,
              "prompt %d has %d candidates with readings and %d with a final metric",
              prompt,
              group.scores.length,
              group.finals.length));
    }
    for (int i = 0; i < group.finals.length; i++) {
      if (group.scores[i].length != points.size() || !Double.isFinite(group.finals[i])) {
        throw new InvalidRequestException(
            String.format(
                Locale.ROOT,
                "candidate %d of prompt %d has %d readings of %d, and the final metric %s",
                i,
                prompt,
                group.scores[i].length,
                points.size(),
                group.finals[i]));
      }
    }
  }

  /** Denoising steps of the schedule. */
  public int steps() {
    return steps;
  }

  /** Signals and steps of the readings. */
  public List<RecordedPoint> points() {
    return points;
  }

  /** The recorded prompts. */
  public List<Group> prompts() {
    return prompts;
  }

  /** The names of the signals, in the order of their first readings. */
  public List<String> signals() {
    return points.stream().map(RecordedPoint::signal).distinct().toList();
  }

  /** The numbers of steps done at which a signal has readings, ascending. */
  public List<Integer> observedAfter(String signal) {
    return points.stream()
        .filter(point -> point.signal().equals(signal))
        .map(RecordedPoint::stepsDone)
        .sorted()
        .toList();
  }

  /** The minimum number of candidates of a prompt. */
  public int candidates() {
    return prompts.stream().mapToInt(Group::size).min().orElseThrow();
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
                    new Group(
                        Arrays.copyOf(group.scores, candidates),
                        Arrays.copyOf(group.finals, candidates)))
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
    List<Group> forecasted =
        prompts.stream().map(group -> new Group(sums(group, weights), group.finals)).toList();
    return new RecordedReadings(
        steps,
        decisionSteps.stream().map(step -> new RecordedPoint(name, step)).toList(),
        forecasted);
  }

  private static double[][] sums(Group group, double[][] weights) {
    double[][] sums = new double[group.size()][weights.length];
    for (int candidate = 0; candidate < sums.length; candidate++) {
      for (int i = 0; i < weights.length; i++) {
        for (int point = 0; point < weights[i].length; point++) {
          if (weights[i][point] != 0) {
            sums[candidate][i] += weights[i][point] * group.scores[candidate][point];
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
  public Reading reading(Group group, int candidate, RecordedPoint point) {
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
        new Score(group.scores[candidate][index], Double.NaN));
  }
}
