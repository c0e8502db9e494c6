package io.github.probeselect.model;

import io.github.probeselect.error.InvalidRequestException;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Predicts the final quality of candidates from their state early in the trajectory.
 * Implementations must be safe for use by several threads, and a candidate's score must not depend
 * on the other rows of the observation.
 *
 * <pre>{@code
 * Probe guidanceGap =
 *     observation -> observation.guidanceGaps().stream().mapToDouble(gap -> gap).toArray();
 * }</pre>
 */
@FunctionalInterface
public interface Probe extends Signal {

  /** The name of a probe among the signals. */
  String NAME = "probe";

  @Override
  default String name() {
    return NAME;
  }

  /**
   * Scores every candidate of {@code observation}.
   *
   * @return one score per row, higher is better; {@code NaN} for a candidate that cannot be scored
   */
  double[] score(Observation observation);

  /**
   * Scores every candidate of {@code observation} and estimates how far off each score may be.
   *
   * @return one score per row; by default those of {@link #score}, with unknown deviation
   */
  @Override
  default List<Score> scores(Observation observation) {
    double @Nullable [] scores = score(observation);
    if (scores == null) {
      throw new InvalidRequestException(
          "the probe returned no scores; it must return one for each candidate");
    }
    return Arrays.stream(scores).mapToObj(score -> new Score(score, Double.NaN)).toList();
  }

  /** The name of the quantity that the score predicts, usually that of a {@link QualityMetric}. */
  default String metric() {
    return "score";
  }
}
