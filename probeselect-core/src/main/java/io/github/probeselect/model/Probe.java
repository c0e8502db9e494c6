package io.github.probeselect.model;

import java.util.Arrays;
import java.util.List;

/**
 * Predicts the final quality of candidates from what is known of them early. Implementations are
 * safe for use by several threads, and a candidate's score must not depend on the other rows it is
 * scored with.
 *
 * <pre>{@code
 * Probe guidanceGap =
 *     observation -> observation.guidanceGaps().stream().mapToDouble(gap -> gap).toArray();
 * }</pre>
 */
@FunctionalInterface
public interface Probe extends AutoCloseable {

  /**
   * Scores every candidate of {@code observation}.
   *
   * @return one score per row, higher is better; {@code NaN} for a candidate that cannot be judged
   */
  double[] score(Observation observation);

  /**
   * Scores every candidate of {@code observation} and says how far off each score may be.
   *
   * @return one judgement per row; by default the score, of unknown deviation
   */
  default List<Judgement> judge(Observation observation) {
    return Arrays.stream(score(observation))
        .mapToObj(score -> new Judgement(score, Double.NaN))
        .toList();
  }

  /** What the score predicts, usually the name of a {@link QualityMetric}. */
  default String metric() {
    return "score";
  }

  /**
   * A score and how far off it may be.
   *
   * @param score the predicted metric, higher is better
   * @param deviation the expected root mean square error of the score among the seeds of one
   *     prompt, in the unit of the score; {@code NaN} if the probe does not know
   */
  record Judgement(double score, double deviation) {}

  /** Releases what the probe holds; by default there is nothing to release. */
  @Override
  default void close() {}
}
