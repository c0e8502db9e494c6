package io.github.probeselect.model;

import io.github.probeselect.error.InvalidRequestException;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

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
   * @return one score per row, higher is better; {@code NaN} for a candidate that cannot be judged
   */
  double[] score(Observation observation);

  /**
   * Scores every candidate of {@code observation} and estimates how far off each score may be.
   *
   * @return one judgement per row; by default the score, of unknown deviation
   */
  @Override
  default List<Judgement> judge(Observation observation) {
    double @Nullable [] scores = score(observation);
    if (scores == null) {
      throw new InvalidRequestException(
          "the probe returned no scores; it must return one for each candidate");
    }
    return Arrays.stream(scores).mapToObj(score -> new Judgement(score, Double.NaN)).toList();
  }

  /** What the score predicts, usually the name of a {@link QualityMetric}. */
  default String metric() {
    return "score";
  }
}
