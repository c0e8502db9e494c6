package io.github.probeselect.evaluation;

import io.github.probeselect.dataset.Dataset;
import io.github.probeselect.dataset.DatasetHeader;
import io.github.probeselect.dataset.PromptProgress;
import io.github.probeselect.dataset.RecordedPrompt;
import io.github.probeselect.selection.Ranking;
import io.github.probeselect.selection.ScoredCandidate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * How well signals would have selected between the recorded candidates of held-out prompts, at
 * every observed fraction, judged by every recorded metric. Immutable.
 */
public final class Evaluation {

  /** The name of the figures on the rank correlation of signal and metric. */
  public static final String SPEARMAN = "within-prompt Spearman";

  /** The name of the figures on the rank correlation over all pairs of prompt and seed. */
  public static final String GLOBAL = "global Spearman";

  /** The name of the figures on the share of what perfect selection would gain. */
  public static final String CAPTURED = "captured gain";

  /** The name of the figures on the gain over a random pick, in the metric's unit. */
  public static final String GAIN = "gain over random";

  /** The name of the figures on the mean of a metric over all images. */
  public static final String MEAN = "mean";

  /** The name of the figures on how much of a metric's variance lies within prompts. */
  public static final String WITHIN = "variance within prompts";

  /** The name of the figures on a signal's gain less that of as many evaluations spent plainly. */
  public static final String OVER_BEST_OF_N = "gain over best-of-N at equal evaluations";

  private static final int[] CANDIDATES = {4, 8, 16};
  private static final int[] KEPT = {1, 2, 4};
  private static final int[] BUDGETS = {2, 3, 5};
  private static final long BOOTSTRAP_SEED = 0;

  private final DatasetHeader header;
  private final int prompts;
  private final List<Figure> figures;

  private Evaluation(DatasetHeader header, int prompts, List<Figure> figures) {
    this.header = header;
    this.prompts = prompts;
    this.figures = List.copyOf(figures);
  }

  /**
   * Judges every signal on every prompt.
   *
   * @param progress told after every prompt how many are done
   */
  public static Evaluation of(Dataset dataset, List<Signal> signals, PromptProgress progress) {
    DatasetHeader header = dataset.header();
    int times = header.observedAfter().size();
    Map<String, List<double[]>> metrics = new LinkedHashMap<>();
    header.metrics().forEach(metric -> metrics.put(metric, new ArrayList<>()));
    Map<String, List<List<double[]>>> seen = new LinkedHashMap<>();
    for (Signal signal : signals) {
      List<List<double[]>> byTime = new ArrayList<>();
      IntStream.range(0, times).forEach(time -> byTime.add(new ArrayList<>()));
      seen.put(signal.name(), byTime);
    }
    List<String> prompts = new ArrayList<>();
    dataset.forEach(
        prompt -> {
          metrics.forEach((metric, values) -> values.add(scores(prompt, metric)));
          for (Signal signal : signals) {
            List<List<double[]>> byTime = seen.getOrDefault(signal.name(), List.of());
            for (int time = 0; time < times; time++) {
              byTime.get(time).add(signal.values(prompt, time));
            }
          }
          prompts.add(prompt.prompt());
          progress.done(prompts.size(), dataset.prompts().size());
        });
    List<Figure> figures = new ArrayList<>();
    metrics.forEach(
        (metric, finals) -> {
          figures.addAll(population(metric, finals));
          seen.forEach(
              (signal, byTime) -> {
                for (int time = 0; time < times; time++) {
                  figures.addAll(
                      selection(header, time, metric, signal, prompts, byTime.get(time), finals));
                }
              });
        });
    return new Evaluation(header, prompts.size(), figures);
  }

  private static double[] scores(RecordedPrompt prompt, String metric) {
    return IntStream.range(0, prompt.candidates())
        .mapToDouble(j -> prompt.score(j, metric))
        .toArray();
  }

  private static List<Figure> population(String metric, List<double[]> finals) {
    double[][] values = finals.toArray(double[][]::new);
    int n = values[0].length;
    double[] means = Arrays.stream(values).mapToDouble(Evaluation::mean).toArray();
    Interval mean = Bootstrap.mean(means, Bootstrap.RESAMPLES, BOOTSTRAP_SEED);
    double within = VarianceShare.within(values);
    return List.of(
        figure(MEAN, metric, Double.NaN, n, 0, "", mean),
        figure(WITHIN, metric, Double.NaN, n, 0, "", new Interval(within, within, within)));
  }

  private static List<Figure> selection(
      DatasetHeader header,
      int time,
      String metric,
      String signal,
      List<String> prompts,
      List<double[]> seen,
      List<double[]> finals) {
    double fraction = header.fractionDone(time);
    List<Figure> figures = new ArrayList<>();
    for (int n : CANDIDATES) {
      if (n > header.seedsPerPrompt()) {
        continue;
      }
      List<PromptGroup> groups = new ArrayList<>();
      for (int i = 0; i < prompts.size(); i++) {
        groups.add(
            new PromptGroup(
                prompts.get(i), Arrays.copyOf(seen.get(i), n), Arrays.copyOf(finals.get(i), n)));
      }
      for (int k : KEPT) {
        if (k < n) {
          SelectionReport report = SelectionReport.of(groups, k, BOOTSTRAP_SEED);
          if (k == KEPT[0]) {
            double global = report.globalSpearman();
            figures.add(
                figure(SPEARMAN, metric, fraction, n, 0, signal, report.withinPromptSpearman()));
            figures.add(
                figure(
                    GLOBAL, metric, fraction, n, 0, signal, new Interval(global, global, global)));
          }
          figures.add(figure(CAPTURED, metric, fraction, n, k, signal, report.capturedGain()));
          figures.add(figure(GAIN, metric, fraction, n, k, signal, report.gainOverRandom()));
        }
      }
    }
    for (int budget : BUDGETS) {
      figures.addAll(atEqualCost(header, time, budget, metric, signal, seen, finals));
    }
    return figures;
  }

  /**
   * Spends a budget of full runs on one cut that keeps k, of which the metric then picks the best,
   * and on best-of-N. Of the numbers of candidates the largest that the budget pays for.
   */
  private static List<Figure> atEqualCost(
      DatasetHeader header,
      int time,
      int budget,
      String metric,
      String signal,
      List<double[]> seen,
      List<double[]> finals) {
    int early = header.observedAfter().get(time);
    List<Figure> figures = new ArrayList<>();
    for (int k = 1; k < budget; k++) {
      int n = (budget * header.steps() - k * (header.steps() - early)) / early;
      if (n <= budget || budget > header.seedsPerPrompt()) {
        continue;
      }
      int started = Math.min(n, header.seedsPerPrompt());
      int kept = k;
      double[] differences =
          IntStream.range(0, finals.size())
              .mapToDouble(
                  i ->
                      bestOfKept(seen.get(i), finals.get(i), started, kept)
                          - expectedBest(finals.get(i), budget))
              .toArray();
      figures.add(
          figure(
              OVER_BEST_OF_N + " of " + budget + " full runs",
              metric,
              header.fractionDone(time),
              started,
              k,
              signal,
              Bootstrap.mean(differences, Bootstrap.RESAMPLES, BOOTSTRAP_SEED)));
    }
    return figures;
  }

  /** The best final value among the k of the first n candidates that selection would keep. */
  private static double bestOfKept(double[] signal, double[] metric, int n, int k) {
    List<ScoredCandidate> candidates =
        IntStream.range(0, n).mapToObj(i -> new ScoredCandidate(i, i, signal[i])).toList();
    return Ranking.bestFirst(candidates).stream()
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

  private static double mean(double[] values) {
    return Arrays.stream(values).average().orElseThrow();
  }

  private static Figure figure(
      String name, String metric, double fraction, int n, int k, String signal, Interval interval) {
    return new Figure(
        name, metric, fraction, n, k, signal, interval.value(), interval.low(), interval.high());
  }

  /** How the dataset was collected. */
  public DatasetHeader header() {
    return header;
  }

  /** How many prompts were judged. */
  public int prompts() {
    return prompts;
  }

  /** All figures. */
  public List<Figure> figures() {
    return figures;
  }
}
