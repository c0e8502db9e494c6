package io.github.probeselect.evaluation;

import io.github.probeselect.dataset.Dataset;
import io.github.probeselect.dataset.DatasetHeader;
import io.github.probeselect.dataset.PromptProgress;
import io.github.probeselect.dataset.RecordedPrompt;
import io.github.probeselect.error.InvalidDatasetException;
import io.github.probeselect.error.InvalidRequestException;
import io.github.probeselect.model.PreviewProbe;
import io.github.probeselect.model.Score;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An evaluation of signals on the recorded candidates of held-out prompts: how well each selects at
 * every observed fraction, by every recorded metric. Immutable.
 */
public final class Evaluation {

  private static final Logger LOG = LoggerFactory.getLogger(Evaluation.class);

  /** The name of the figures on the rank correlation of signal and metric. */
  public static final String SPEARMAN = "within-prompt Spearman";

  /**
   * The name of the figures on the within-prompt Spearman less that of the metric's own score of
   * the decoded preview, prompt by prompt.
   */
  public static final String OVER_PREVIEW = "within-prompt Spearman over decoded preview";

  /** The name of the figures on the rank correlation over all pairs of prompt and seed. */
  public static final String GLOBAL = "global Spearman";

  /** The name of the figures on the captured share of the gain of a perfect selection. */
  public static final String CAPTURED = "captured gain";

  /** The name of the figures on the gain over a random selection, in the metric's unit. */
  public static final String GAIN = "gain over random";

  /** The name of the figures on the mean of a metric over all images. */
  public static final String MEAN = "mean";

  /** The name of the figures on the share of a metric's variance within prompts. */
  public static final String WITHIN = "variance within prompts";

  /**
   * The name of the figures on a signal's gain less that of best-of-N with equally many denoiser
   * evaluations.
   */
  public static final String OVER_BEST_OF_N = "gain over best-of-N at equal evaluations";

  /** The same for equal measured time. */
  public static final String OVER_BEST_OF_N_IN_TIME = "gain over best-of-N in equal time";

  /**
   * The prefix of the names of figures on errors inside the predicted interval, followed by its
   * share in percent.
   */
  public static final String COVERAGE = "coverage of the interval of ";

  private static final int[] CANDIDATES = {4, 8, 16};
  private static final int[] KEPT = {1, 2, 4};
  private static final long BOOTSTRAP_SEED = 0;

  /**
   * For a share in percent, the number of standard deviations that contain that share of normal
   * errors.
   */
  private static final Map<Integer, Double> NORMAL = Map.of(50, 0.6745, 80, 1.2816, 95, 1.96);

  private final DatasetHeader header;
  private final int prompts;
  private final List<Figure> figures;
  private final Map<String, List<Reliability>> reliabilities;

  private Evaluation(
      DatasetHeader header,
      int prompts,
      List<Figure> figures,
      Map<String, List<Reliability>> reliabilities) {
    this.header = header;
    this.prompts = prompts;
    this.figures = List.copyOf(figures);
    this.reliabilities = reliabilities;
  }

  /**
   * Evaluates every signal on every prompt. There are no figures on a signal where all its scores
   * are NaN. A prompt of which a candidate has no finite score by a metric, as one whose image is
   * void, is left out.
   *
   * @param cost the costs of the signals, for the comparison at equal time
   * @param progress called after every prompt
   * @throws InvalidDatasetException if no prompt is left
   */
  public static Evaluation of(
      Dataset dataset, List<RecordedSignal> signals, SignalCost cost, PromptProgress progress) {
    DatasetHeader header = dataset.header();
    int times = header.observedAfter().size();
    Map<String, List<double[]>> finals = new LinkedHashMap<>();
    header.metrics().forEach(metric -> finals.put(metric, new ArrayList<>()));
    Map<RecordedSignal, List<List<double[]>>> seen = new LinkedHashMap<>();
    Map<String, List<Reliability>> reliabilities = new LinkedHashMap<>();
    for (RecordedSignal signal : signals) {
      seen.put(
          signal,
          Stream.generate(() -> (List<double[]>) new ArrayList<double[]>()).limit(times).toList());
      reliabilities.put(signal.name(), Stream.generate(Reliability::new).limit(times).toList());
    }
    List<String> prompts = new ArrayList<>();
    dataset.forEach(
        prompt -> {
          if (!isScored(prompt, header.metrics())) {
            progress.done(prompts.size(), dataset.prompts().size());
            return;
          }
          finals.forEach((metric, values) -> values.add(scores(prompt, metric)));
          double[] predicted = scores(prompt, header.metrics().get(0));
          seen.forEach(
              (signal, byTime) -> {
                for (int time = 0; time < times; time++) {
                  List<Score> scored = signal.scores(prompt, time);
                  byTime.get(time).add(scored.stream().mapToDouble(Score::value).toArray());
                  reliabilities
                      .getOrDefault(signal.name(), List.of())
                      .get(time)
                      .add(scored, predicted);
                }
              });
          prompts.add(prompt.prompt());
          progress.done(prompts.size(), dataset.prompts().size());
        });
    if (prompts.isEmpty()) {
      throw new InvalidDatasetException(
          String.format(
              Locale.ROOT,
              "no prompt of dataset %s has a finite score by each of %s for all of its candidates; collect other prompts, or these ones into another directory without the metric that has no scores",
              dataset.directory(),
              header.metrics()));
    }
    List<Figure> figures = new ArrayList<>();
    finals.forEach(
        (metric, values) -> {
          figures.addAll(population(metric, values));
          BestOfN bestOfN = new BestOfN(header, metric, values, BOOTSTRAP_SEED);
          seen.forEach(
              (signal, byTime) -> {
                String name = signal.name();
                for (int time = 0; time < times; time++) {
                  List<double[]> scores = byTime.get(time);
                  if (hasNoScores(scores)) {
                    continue;
                  }
                  double fraction = header.fractionDone(time);
                  figures.addAll(selection(header, time, metric, name, prompts, scores, values));
                  figures.addAll(overPreview(header, time, metric, name, prompts, seen, values));
                  figures.addAll(bestOfN.figures(OVER_BEST_OF_N, time, name, fraction, scores));
                  double started = cost.started(name, fraction);
                  figures.addAll(
                      bestOfN.figures(OVER_BEST_OF_N_IN_TIME, time, name, started, scores));
                }
              });
        });
    reliabilities.forEach(
        (signal, byTime) -> {
          for (int time = 0; time < times; time++) {
            figures.addAll(coverage(header, time, signal, byTime.get(time)));
          }
        });
    return new Evaluation(header, prompts.size(), figures, reliabilities);
  }

  /** Whether all scores of a signal at an observation are NaN. */
  private static boolean hasNoScores(List<double[]> scores) {
    return scores.stream().flatMapToDouble(Arrays::stream).allMatch(Double::isNaN);
  }

  /** Whether all candidates of a prompt have finite scores, which its evaluation needs. */
  static boolean isScored(RecordedPrompt prompt, List<String> metrics) {
    for (String metric : metrics) {
      if (!prompt.isScored(metric)) {
        LOG.warn(
            "'{}' is left out: {} gave one of its candidates no finite score",
            prompt.prompt(),
            metric);
        return false;
      }
    }
    return true;
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
        Figure.of(MEAN, metric, Double.NaN, n, 0, "", mean),
        Figure.of(WITHIN, metric, Double.NaN, n, 0, "", new Interval(within, within, within)));
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
            Interval within = report.withinPromptSpearman();
            figures.add(Figure.of(SPEARMAN, metric, fraction, n, 0, signal, within));
            Interval exact = new Interval(global, global, global);
            figures.add(Figure.of(GLOBAL, metric, fraction, n, 0, signal, exact));
          }
          figures.add(Figure.of(CAPTURED, metric, fraction, n, k, signal, report.capturedGain()));
          figures.add(Figure.of(GAIN, metric, fraction, n, k, signal, report.gainOverRandom()));
        }
      }
    }
    return figures;
  }

  /** A paired comparison on the same prompts, whose interval is narrower than that of either. */
  private static List<Figure> overPreview(
      DatasetHeader header,
      int time,
      String metric,
      String signal,
      List<String> prompts,
      Map<RecordedSignal, List<List<double[]>>> seen,
      List<double[]> finals) {
    String preview = PreviewProbe.name(metric);
    Map<String, List<double[]>> scores = new LinkedHashMap<>();
    seen.forEach((known, byTime) -> scores.put(known.name(), byTime.get(time)));
    List<double[]> reference = scores.get(preview);
    if (reference == null || signal.equals(preview)) {
      return List.of();
    }
    List<double[]> own = scores.getOrDefault(signal, List.of());
    double[] differences =
        IntStream.range(0, finals.size())
            .mapToDouble(
                i ->
                    spearman(prompts.get(i), own.get(i), finals.get(i))
                        - spearman(prompts.get(i), reference.get(i), finals.get(i)))
            .filter(Double::isFinite)
            .toArray();
    if (differences.length == 0) {
      return List.of();
    }
    Interval over = Bootstrap.mean(differences, Bootstrap.RESAMPLES, BOOTSTRAP_SEED);
    double fraction = header.fractionDone(time);
    return List.of(
        Figure.of(OVER_PREVIEW, metric, fraction, header.seedsPerPrompt(), 0, signal, over));
  }

  private static double spearman(String prompt, double[] signal, double[] metric) {
    return SelectionReport.spearman(new PromptGroup(prompt, signal, metric));
  }

  private static List<Figure> coverage(
      DatasetHeader header, int time, String signal, Reliability reliability) {
    if (reliability.isEmpty()) {
      return List.of();
    }
    String metric = header.metrics().get(0);
    double fraction = header.fractionDone(time);
    int n = header.seedsPerPrompt();
    return NORMAL.keySet().stream()
        .sorted()
        .map(
            share ->
                Figure.of(
                    COVERAGE + share + "%",
                    metric,
                    fraction,
                    n,
                    0,
                    signal,
                    reliability.coverage(NORMAL.getOrDefault(share, 0.0), BOOTSTRAP_SEED)))
        .toList();
  }

  private static double mean(double[] values) {
    return Arrays.stream(values).average().orElseThrow();
  }

  /** How the dataset was collected. */
  public DatasetHeader header() {
    return header;
  }

  /** The number of evaluated prompts. */
  public int prompts() {
    return prompts;
  }

  /** All figures. */
  public List<Figure> figures() {
    return figures;
  }

  /**
   * The reliability of a signal's deviations for the first metric, at one of the dataset's
   * observations.
   */
  public Reliability reliability(String signal, int observation) {
    List<Reliability> byTime = reliabilities.get(signal);
    if (byTime == null) {
      throw new InvalidRequestException("no signal is called '" + signal + "'");
    }
    return byTime.get(observation);
  }
}
