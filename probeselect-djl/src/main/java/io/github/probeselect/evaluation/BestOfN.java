package io.github.probeselect.evaluation;

import io.github.probeselect.dataset.DatasetHeader;
import io.github.probeselect.selection.Round.ScoredCandidate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Compares a cut with best-of-N at equal cost. A budget of full runs pays either for starting n
 * candidates and finishing k of them, or for that many full runs; in both cases the metric picks
 * the best finished image.
 */
final class BestOfN {

  private static final int[] BUDGETS = {2, 3, 5};

  /** A tolerance for rounding errors in a number of candidates. */
  private static final double ROUNDING = 1e-9;

  private final DatasetHeader header;
  private final String metric;
  private final List<double[]> finals;
  private final long seed;

  BestOfN(DatasetHeader header, String metric, List<double[]> finals, long seed) {
    this.header = header;
    this.metric = metric;
    this.finals = finals;
    this.seed = seed;
  }

  /**
   * The figures for every budget and every k below it, with as many candidates as the budget pays
   * for.
   *
   * @param name of the figures, before the budget
   * @param started what starting and scoring a candidate costs, in full runs
   * @param seen the scores of the signal for every prompt's candidates
   */
  List<Figure> figures(String name, int time, String signal, double started, List<double[]> seen) {
    List<Figure> figures = new ArrayList<>();
    double fraction = header.fractionDone(time);
    for (int budget : BUDGETS) {
      for (int k = 1; k < budget && budget <= header.seedsPerPrompt(); k++) {
        int affordable = (int) ((budget - k * (1 - fraction)) / started + ROUNDING);
        if (affordable <= budget) {
          continue;
        }
        int n = Math.min(affordable, header.seedsPerPrompt());
        Interval over = Bootstrap.mean(differences(seen, n, k, budget), Bootstrap.RESAMPLES, seed);
        String title = name + " of " + budget + " full runs";
        figures.add(Figure.of(title, metric, fraction, n, k, signal, over));
      }
    }
    return figures;
  }

  private double[] differences(List<double[]> seen, int n, int k, int budget) {
    return IntStream.range(0, finals.size())
        .mapToDouble(
            i -> bestOfKept(seen.get(i), finals.get(i), n, k) - expectedBest(finals.get(i), budget))
        .toArray();
  }

  /** The best final metric among the k of the first n candidates that the selection keeps. */
  private static double bestOfKept(double[] signal, double[] metric, int n, int k) {
    List<ScoredCandidate> candidates =
        IntStream.range(0, n).mapToObj(i -> new ScoredCandidate(i, i, signal[i])).toList();
    return ScoredCandidate.bestFirst(candidates).stream()
        .limit(k)
        .mapToDouble(candidate -> metric[candidate.index()])
        .max()
        .orElseThrow();
  }

  /** The expected maximum of {@code count} values drawn without replacement. */
  private static double expectedBest(double[] values, int count) {
    double[] sorted = Arrays.stream(values).sorted().toArray();
    double expected = 0;
    double left = 1;
    for (int i = sorted.length - 1; i >= count - 1; i--) {
      double isBest = left * count / (i + 1);
      expected += isBest * sorted[i];
      left -= isBest;
    }
    return expected;
  }
}
