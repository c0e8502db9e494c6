package io.github.probeselect.evaluation;

import io.github.probeselect.dataset.Dataset;
import io.github.probeselect.dataset.DatasetHeader;
import io.github.probeselect.dataset.PromptProgress;
import io.github.probeselect.dataset.RecordedPrompt;
import io.github.probeselect.error.InvalidDatasetException;
import io.github.probeselect.error.InvalidRequestException;
import io.github.probeselect.model.Judgement;
import io.github.probeselect.model.PreviewProbe;
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
 * How well signals would have selected between the recorded candidates of held-out prompts, at
 * every observed fraction, judged by every recorded metric. Immutable.
 */
public final class Evaluation {

  private static final Logger LOG = LoggerFactory.getLogger(Evaluation.class);

  /** The name of the figures on the rank correlation of signal and metric. */
  public static final String SPEARMAN = "within-prompt Spearman";

  /**
   * The name of the figures on the within-prompt Spearman less that of the metric's own judgement
   * of the decoded preview, prompt by prompt.
   */
  public static final String OVER_PREVIEW = "within-prompt Spearman over decoded preview";

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

  /** The same with as much time, as it was measured. */
  public static final String OVER_BEST_OF_N_IN_TIME = "gain over best-of-N in equal time";

  /** The name of the figures on errors within what was predicted, before the share in percent. */
  public static final String COVERAGE = "coverage of the interval of ";

  private static final int[] CANDIDATES = {4, 8, 16};
  private static final int[] KEPT = {1, 2, 4};
  private static final long BOOTSTRAP_SEED = 0;

  /** For a share in percent, within how many deviations a normal error is that often. */
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
   * @param cost what the signals cost, for the comparison in equal time
   * @param progress told after every prompt how many are done
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
                  List<Judgement> judged = signal.judge(prompt, time);
                  byTime.get(time).add(judged.stream().mapToDouble(Judgement::score).toArray());
                  reliabilities
                      .getOrDefault(signal.name(), List.of())
                      .get(time)
                      .add(judged, predicted);
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
                  List<double[]> said = byTime.get(time);
                  if (knowsNothing(said)) {
                    continue;
                  }
                  double fraction = header.fractionDone(time);
                  figures.addAll(selection(header, time, metric, name, prompts, said, values));
                  figures.addAll(overPreview(header, time, metric, name, prompts, seen, values));
                  figures.addAll(bestOfN.figures(OVER_BEST_OF_N, time, name, fraction, said));
                  double started = cost.started(name, fraction);
                  figures.addAll(
                      bestOfN.figures(OVER_BEST_OF_N_IN_TIME, time, name, started, said));
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

  /** Whether a signal has no score at an observation. */
  private static boolean knowsNothing(List<double[]> said) {
    return said.stream().flatMapToDouble(Arrays::stream).allMatch(Double::isNaN);
  }

  /** Whether a prompt can be evaluated, which needs all of its candidates. */
  static boolean isScored(RecordedPrompt prompt, List<String> metrics) {
    for (String metric : metrics) {
      if (!prompt.isScored(metric)) {
        LOG.warn(
            "'{}' is left out: {} gave a candidate of it no score that is a finite number",
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

  /** The same prompts decide for both, so that the difference is known better than either. */
  private static List<Figure> overPreview(
      DatasetHeader header,
      int time,
      String metric,
      String signal,
      List<String> prompts,
      Map<RecordedSignal, List<List<double[]>>> seen,
      List<double[]> finals) {
    String preview = PreviewProbe.name(metric);
    Map<String, List<double[]>> said = new LinkedHashMap<>();
    seen.forEach((known, byTime) -> said.put(known.name(), byTime.get(time)));
    List<double[]> reference = said.get(preview);
    if (reference == null || signal.equals(preview)) {
      return List.of();
    }
    List<double[]> own = said.getOrDefault(signal, List.of());
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

  /** How many prompts were judged. */
  public int prompts() {
    return prompts;
  }

  /** All figures. */
  public List<Figure> figures() {
    return figures;
  }

  /** How far off a signal is by the first metric, at one of the dataset's observations. */
  public Reliability reliability(String signal, int observation) {
    List<Reliability> byTime = reliabilities.get(signal);
    if (byTime == null) {
      throw new InvalidRequestException("no signal is called '" + signal + "'");
    }
    return byTime.get(observation);
  }
}
