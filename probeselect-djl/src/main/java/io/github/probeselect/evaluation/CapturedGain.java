package io.github.probeselect.evaluation;

import io.github.probeselect.error.InvalidRequestException;
import java.util.Arrays;

/**
 * The share of the possible gain of selection that a signal captures for one prompt:
 *
 * <pre>{@code
 * share = (mean metric of the k kept - mean metric of all) / (mean metric of the k best - mean metric of all)
 * }</pre>
 *
 * <p>1 is as good as finishing every candidate and picking the best ones, 0 as good as picking at
 * random, below 0 worse. Numerator and denominator are stored separately because a ratio of their
 * sums over prompts has far less variance than a mean of ratios.
 *
 * <p>If candidates with equal scores are on both sides of the cut, the kept mean is the expectation
 * over the choice among them, so that the order of the candidates does not matter and a constant
 * signal has a gain of exactly 0.
 *
 * @param keptMean the mean metric of the kept candidates
 * @param candidateMean the mean metric of all candidates
 * @param bestMean the mean metric of the same number of best candidates
 */
public record CapturedGain(double keptMean, double candidateMean, double bestMean) {

  /**
   * Returns the gain of keeping the {@code keep} candidates with the highest signal.
   *
   * @param signal what the candidates are ranked by, higher is better; NaN ranks last
   * @param metric the quality of each finished image, finite
   * @param keep how many are kept, 1 to the number of candidates
   * @throws InvalidRequestException if the lengths differ, a metric is not finite, or {@code keep}
   *     is out of range
   */
  public static CapturedGain of(double[] signal, double[] metric, int keep) {
    return of(new PromptGroup("", signal, metric), keep);
  }

  /**
   * Returns the gain of keeping the {@code keep} candidates of a prompt with the highest signal.
   */
  static CapturedGain of(PromptGroup group, int keep) {
    double[] metric = group.metric();
    if (keep < 1 || keep > metric.length) {
      throw new InvalidRequestException(
          "cannot keep "
              + keep
              + " of the "
              + metric.length
              + " candidates of prompt '"
              + group.prompt()
              + "'; keep between 1 and all of them");
    }
    double mean = Arrays.stream(metric).average().orElseThrow();
    if (keep == metric.length || group.hasEqualMetrics()) {
      return new CapturedGain(mean, mean, mean);
    }
    return new CapturedGain(
        meanOfTop(Ranks.average(group.signal()), metric, keep),
        mean,
        meanOfTop(Ranks.average(metric), metric, keep));
  }

  /** The mean metric of the kept candidates less that of all, in the metric's unit. */
  public double gain() {
    return keptMean - candidateMean;
  }

  /** The gain of a perfect signal, at least 0. */
  public double oracleGain() {
    return bestMean - candidateMean;
  }

  /**
   * {@link #gain} as a share of {@link #oracleGain}, at most 1; NaN if all metric values are equal
   * or all candidates are kept, where there is nothing to gain.
   */
  public double share() {
    return oracleGain() == 0 ? Double.NaN : gain() / oracleGain();
  }

  private static double meanOfTop(double[] ranks, double[] metric, int keep) {
    double cut = Arrays.stream(ranks).sorted().skip(ranks.length - keep).findFirst().orElseThrow();
    double sumAbove = 0;
    double sumAtCut = 0;
    int above = 0;
    int atCut = 0;
    for (int i = 0; i < ranks.length; i++) {
      if (ranks[i] > cut) {
        sumAbove += metric[i];
        above++;
      } else if (ranks[i] == cut) {
        sumAtCut += metric[i];
        atCut++;
      }
    }
    return (sumAbove + (keep - above) * (sumAtCut / atCut)) / keep;
  }
}
