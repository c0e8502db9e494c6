package io.github.probeselect.evaluation;

import io.github.probeselect.model.Score;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Whether the deviations that a signal states are right, between the candidates of one prompt: what
 * is compared is the error of scores and metric once the prompt's mean is taken out of both.
 */
public final class Reliability {

  private static final int BINS = 10;

  private final List<List<Miss>> prompts = new ArrayList<>();

  /** Creates an empty instance. */
  Reliability() {}

  /** The error of a score, and its predicted deviation. */
  private record Miss(double error, double deviation) {}

  /**
   * Candidates with similar predicted deviations.
   *
   * @param predicted the root mean square of their predicted deviations
   * @param actual the root mean square of their errors
   */
  public record Bin(double predicted, double actual) {}

  /** Adds one prompt's candidates. */
  void add(List<Score> scores, double[] finals) {
    double[] errors = errors(scores.stream().mapToDouble(Score::value).toArray(), finals);
    prompts.add(
        IntStream.range(0, errors.length)
            .mapToObj(i -> new Miss(errors[i], scores.get(i).deviation()))
            .filter(miss -> Double.isFinite(miss.error / miss.deviation))
            .toList());
  }

  /**
   * The differences of scores and metric after subtracting the mean from both; at least one of
   * each.
   */
  public static double[] errors(double[] scores, double[] finals) {
    double score = Arrays.stream(scores).average().orElseThrow();
    double metric = Arrays.stream(finals).average().orElseThrow();
    return IntStream.range(0, finals.length)
        .mapToDouble(i -> finals[i] - metric - scores[i] + score)
        .toArray();
  }

  /** Whether no score had a deviation. */
  boolean isEmpty() {
    return prompts.stream().allMatch(List::isEmpty);
  }

  /**
   * The share of errors within the given number of predicted deviations.
   *
   * @param deviations such as 1.96, within which a normal error is in 95% of the cases
   * @param seed the seed of the bootstrap over prompts
   */
  Interval coverage(double deviations, long seed) {
    double[] within =
        prompts.stream()
            .filter(errors -> !errors.isEmpty())
            .mapToDouble(
                errors ->
                    (double)
                            errors.stream()
                                .filter(e -> Math.abs(e.error) <= deviations * e.deviation)
                                .count()
                        / errors.size())
            .toArray();
    return Bootstrap.mean(within, Bootstrap.RESAMPLES, seed);
  }

  /** All candidates in ten groups of about equal size, by increasing predicted deviation. */
  public List<Bin> bins() {
    List<Miss> sorted =
        prompts.stream()
            .flatMap(List::stream)
            .sorted(Comparator.comparingDouble(Miss::deviation))
            .toList();
    List<Bin> bins = new ArrayList<>();
    for (int bin = 0; bin < BINS && sorted.size() >= BINS; bin++) {
      List<Miss> alike =
          sorted.subList(bin * sorted.size() / BINS, (bin + 1) * sorted.size() / BINS);
      bins.add(
          new Bin(
              rootMeanSquare(alike.stream().mapToDouble(Miss::deviation).toArray()),
              rootMeanSquare(alike.stream().mapToDouble(Miss::error).toArray())));
    }
    return bins;
  }

  private static double rootMeanSquare(double[] values) {
    return Math.sqrt(Arrays.stream(values).map(value -> value * value).average().orElse(0));
  }
}
