package io.github.probeselect.evaluation;

import io.github.probeselect.error.InvalidRequestException;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/**
 * How well a signal selects among the candidates of a prompt, over many prompts, with 95% intervals
 * bootstrapped over prompts.
 *
 * @param prompts the number of prompts
 * @param keep how many candidates of each prompt are kept
 * @param withinPromptSpearman the rank correlation of signal and metric between the candidates of
 *     one prompt, averaged over the prompts that have one; a signal that is the same for all
 *     candidates of a prompt counts as 0 there
 * @param promptsWithoutSpearman the prompts left out of that average because all their metric
 *     values are equal (or they have a single candidate)
 * @param globalSpearman the rank correlation over all pairs of prompt and candidate, which a signal
 *     can achieve by distinguishing prompts alone; NaN if signal or metric is constant
 * @param capturedGain the sum of {@link CapturedGain#gain} over the prompts divided by the sum of
 *     {@link CapturedGain#oracleGain}; 1 is perfect, 0 is random; NaN if there is nothing to gain
 * @param gainOverRandom the mean of {@link CapturedGain#gain} over the prompts, in the unit of the
 *     metric
 * @param oracleGain the mean of {@link CapturedGain#oracleGain} over the prompts
 */
public record SelectionReport(
    int prompts,
    int keep,
    Interval withinPromptSpearman,
    int promptsWithoutSpearman,
    double globalSpearman,
    Interval capturedGain,
    Interval gainOverRandom,
    double oracleGain) {

  /**
   * Returns the report on a signal.
   *
   * @param groups one group per prompt, at least one, each with at least {@code keep} candidates
   * @param keep how many candidates of each prompt are kept, at least 1
   * @param seed the seed of the bootstrap
   * @throws InvalidRequestException if there are no groups or {@code keep} is out of range for one
   */
  public static SelectionReport of(List<PromptGroup> groups, int keep, long seed) {
    if (groups.isEmpty()) {
      throw new InvalidRequestException("a report needs the candidates of at least one prompt");
    }
    List<CapturedGain> captured =
        groups.stream().map(group -> CapturedGain.of(group, keep)).toList();
    double[] gains = captured.stream().mapToDouble(CapturedGain::gain).toArray();
    double[] oracleGains = captured.stream().mapToDouble(CapturedGain::oracleGain).toArray();
    double[] correlations =
        groups.stream()
            .mapToDouble(SelectionReport::spearman)
            .filter(correlation -> !Double.isNaN(correlation))
            .toArray();
    return new SelectionReport(
        groups.size(),
        keep,
        correlations.length == 0
            ? Interval.undefined()
            : Bootstrap.mean(correlations, Bootstrap.RESAMPLES, seed),
        groups.size() - correlations.length,
        Spearman.ofRanks(
            Ranks.average(all(groups.stream().map(PromptGroup::signal))),
            Ranks.average(all(groups.stream().map(PromptGroup::metric)))),
        Bootstrap.ratio(gains, oracleGains, Bootstrap.RESAMPLES, seed),
        Bootstrap.mean(gains, Bootstrap.RESAMPLES, seed),
        Arrays.stream(oracleGains).average().orElseThrow());
  }

  /**
   * Zero for a signal that gives all candidates the same score, NaN if all images are equally good.
   */
  static double spearman(PromptGroup group) {
    if (group.hasEqualMetrics()) {
      return Double.NaN;
    }
    double correlation =
        Spearman.ofRanks(Ranks.average(group.signal()), Ranks.average(group.metric()));
    return Double.isNaN(correlation) ? 0 : correlation;
  }

  private static double[] all(Stream<double[]> arrays) {
    return arrays.flatMapToDouble(Arrays::stream).toArray();
  }
}
