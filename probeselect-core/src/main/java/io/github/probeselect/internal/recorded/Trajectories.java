package io.github.probeselect.internal.recorded;

import io.github.probeselect.error.InvalidRequestException;
import io.github.probeselect.model.Judgement;
import io.github.probeselect.selection.Reading;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * The readings of many candidates on their way, and the quality of each finished image: what
 * policies are replayed on and planned from. Immutable and safe for use by several threads.
 */
public final class Trajectories {

  private final int steps;
  private final List<RecordedPoint> points;
  private final List<Group> prompts;

  /**
   * The candidates of one prompt.
   *
   * @param said for each candidate what was read at each point, higher is better, NaN if it could
   *     not be judged
   * @param finals for each candidate the metric of its finished image
   */
  @SuppressWarnings("ArrayRecordComponent") // compared by identity, never by value
  public record Group(double[][] said, double[] finals) {

    /** The number of candidates. */
    public int size() {
      return finals.length;
    }
  }

  /**
   * Takes recorded values; the arrays are not copied and must not be changed afterwards.
   *
   * @param steps denoising steps of the schedule
   * @param points what was read, and when
   * @param prompts at least one
   * @throws InvalidRequestException if their shapes do not fit, a point lies outside the schedule,
   *     or a final metric is not finite
   */
  public Trajectories(int steps, List<RecordedPoint> points, List<Group> prompts) {
    this.steps = steps;
    this.points = List.copyOf(points);
    this.prompts = List.copyOf(prompts);
    if (prompts.isEmpty() || points.isEmpty()) {
      throw new InvalidRequestException("there are no recorded prompts, or nothing was read");
    }
    for (RecordedPoint point : points) {
      if (point.stepsDone() < 1 || point.stepsDone() > steps) {
        throw new InvalidRequestException(
            String.format(
                Locale.ROOT,
                "'%s' was read after step %d of %d",
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
    if (group.said.length != group.finals.length || group.finals.length == 0) {
      throw new InvalidRequestException(
          String.format(
              Locale.ROOT,
              "prompt %d has %d candidates with readings and %d with a final metric",
              prompt,
              group.said.length,
              group.finals.length));
    }
    for (int i = 0; i < group.finals.length; i++) {
      if (group.said[i].length != points.size() || !Double.isFinite(group.finals[i])) {
        throw new InvalidRequestException(
            String.format(
                Locale.ROOT,
                "candidate %d of prompt %d has %d readings of %d, and the final metric %s",
                i,
                prompt,
                group.said[i].length,
                points.size(),
                group.finals[i]));
      }
    }
  }

  /** Denoising steps of the schedule. */
  public int steps() {
    return steps;
  }

  /** What was read, and when. */
  public List<RecordedPoint> points() {
    return points;
  }

  /** The recorded prompts. */
  public List<Group> prompts() {
    return prompts;
  }

  /** The names of the signals, in the order in which they were first read. */
  public List<String> signals() {
    return points.stream().map(RecordedPoint::signal).distinct().toList();
  }

  /** After which steps something was read of a signal, rising. */
  public List<Integer> observedAfter(String signal) {
    return points.stream()
        .filter(point -> point.signal().equals(signal))
        .map(RecordedPoint::stepsDone)
        .sorted()
        .toList();
  }

  /** The fewest candidates that a prompt has. */
  public int candidates() {
    return prompts.stream().mapToInt(Group::size).min().orElseThrow();
  }

  /**
   * The first so many candidates of every prompt.
   *
   * @throws InvalidRequestException if a prompt has fewer
   */
  public Trajectories first(int candidates) {
    if (candidates < 1 || candidates > candidates()) {
      throw new InvalidRequestException(
          String.format(
              Locale.ROOT,
              "the first %d candidates of prompts that have %d",
              candidates,
              candidates()));
    }
    return new Trajectories(
        steps,
        points,
        prompts.stream()
            .map(
                group ->
                    new Group(
                        Arrays.copyOf(group.said, candidates),
                        Arrays.copyOf(group.finals, candidates)))
            .toList());
  }

  /**
   * What a forecast makes of these readings: trajectories on which the one signal {@code name} says
   * at every decision point of the forecast what the forecast says there.
   */
  public Trajectories forecast(String name, LinearForecast forecast) {
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
    return new Trajectories(
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
            sums[candidate][i] += weights[i][point] * group.said[candidate][point];
          }
        }
      }
    }
    return sums;
  }

  /**
   * What was read of a candidate.
   *
   * @throws InvalidRequestException if nothing was read there
   */
  public Reading reading(Group group, int candidate, RecordedPoint point) {
    int index = points.indexOf(point);
    if (index < 0) {
      throw new InvalidRequestException(
          String.format(
              Locale.ROOT,
              "'%s' was not read after step %d; it was read after the steps %s",
              point.signal(),
              point.stepsDone(),
              observedAfter(point.signal())));
    }
    return new Reading(
        point.signal(),
        point.stepsDone(),
        steps,
        new Judgement(group.said[candidate][index], Double.NaN));
  }
}
