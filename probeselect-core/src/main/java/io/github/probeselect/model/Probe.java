package io.github.probeselect.model;

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

  /** What the score predicts, usually the name of a {@link QualityMetric}. */
  default String metric() {
    return "score";
  }

  /** Releases what the probe holds; by default there is nothing to release. */
  @Override
  default void close() {}
}
