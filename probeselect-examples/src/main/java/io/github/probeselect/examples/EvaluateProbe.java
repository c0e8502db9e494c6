package io.github.probeselect.examples;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.probeselect.DecisionPoint;
import io.github.probeselect.Pipeline;
import io.github.probeselect.ProbeSelect;
import io.github.probeselect.evaluation.Interval;
import io.github.probeselect.evaluation.PromptGroup;
import io.github.probeselect.evaluation.SelectionReport;
import io.github.probeselect.evaluation.VarianceShare;
import io.github.probeselect.model.Probe;
import io.github.probeselect.model.QualityMetric;
import io.github.probeselect.scenes.SceneCheck;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import me.tongfei.progressbar.ProgressBar;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Finishes every candidate of held-out prompts and reports how well each signal at the decision
 * point would have chosen: the probe, the decoded preview scored by the metric itself, the guidance
 * gap, and a random choice.
 */
@Command(name = "EvaluateProbe", mixinStandardHelpOptions = true, showDefaultValues = true)
public final class EvaluateProbe implements Callable<Integer> {

  private static final long BOOTSTRAP_SEED = 0;

  @Option(names = "--bundle", description = "A bundle directory; the default model if absent.")
  private @Nullable Path bundle;

  @Option(names = "--prompts", description = "A file with one prompt per line.")
  private Path prompts = Path.of("models", "prompts", "test.txt");

  @Option(names = "--count", description = "How many of them are used.")
  private int count = 200;

  @Option(names = "-n", description = "Candidates per prompt.")
  private int n = 16;

  @Option(names = "-k", split = ",", description = "How many are kept.")
  private int[] keeps = {1, 4};

  @Option(names = "--first-seed", description = "The seed of the first candidate.")
  private long firstSeed = 1_000_000;

  @Option(names = "--fraction", description = "The decision point.")
  private double fraction = 0.2;

  @Option(names = "--output", description = "Where the report is written as JSON.")
  private Path output = Path.of("probeselect-examples", "target", "evaluation", "evaluation.json");

  /** Runs the example. */
  public static void main(String[] args) {
    System.exit(new CommandLine(new EvaluateProbe()).execute(args));
  }

  @Override
  public Integer call() throws IOException {
    List<String> chosen = Files.readAllLines(prompts).stream().limit(count).toList();
    try (Pipeline pipeline =
        bundle == null ? ProbeSelect.openDefault() : ProbeSelect.open(bundle)) {
      QualityMetric reward = pipeline.metric("scene-reward");
      QualityMetric check = new SceneCheck();
      Probe probe =
          pipeline
              .model()
              .probe(fraction)
              .orElseThrow(() -> new IOException("the bundle ships no probe; train one first"));
      CandidateRecords records = new CandidateRecords(pipeline, probe, reward, check);
      try (ProgressBar bar = new ProgressBar("finishing " + n + " seeds of", chosen.size())) {
        for (String prompt : chosen) {
          records.add(prompt, n, firstSeed, DecisionPoint.fraction(fraction));
          bar.step();
        }
      }
      report(pipeline.manifest().name(), records, List.of(reward.name(), check.name()));
      return 0;
    }
  }

  private void report(String name, CandidateRecords records, List<String> metrics)
      throws IOException {
    ArrayNode figures = new ObjectMapper().createArrayNode();
    System.out.printf(
        Locale.ROOT,
        "%n%s: %d held-out prompts x %d seeds, decision at %.0f%%, 95%% intervals over prompts%n",
        name,
        records.prompts(),
        n,
        100 * fraction);
    for (String metric : metrics) {
      double[][] values = records.values(metric);
      double mean = Arrays.stream(values).flatMapToDouble(Arrays::stream).average().orElseThrow();
      double within = VarianceShare.within(values);
      System.out.printf(
          Locale.ROOT,
          "%n%s: mean %.3f, %.0f%% of its variance within prompts%n",
          metric,
          mean,
          100 * within);
      System.out.printf(Locale.ROOT, "  %-18s %-24s", "signal", "within-prompt Spearman");
      for (int keep : keeps) {
        System.out.printf(Locale.ROOT, " %-24s", "captured gain, keep " + keep);
      }
      System.out.println(" global Spearman");
      add(figures, "mean", metric, "", 0, new Interval(mean, mean, mean));
      add(figures, "variance within prompts", metric, "", 0, new Interval(within, within, within));
      for (String signal : CandidateRecords.SIGNALS) {
        row(figures, records.groups(signal, metric), signal, metric);
      }
    }
    Files.createDirectories(output.toAbsolutePath().getParent());
    Files.writeString(output, figures.toPrettyString() + "\n");
    System.out.println("\nwritten to " + output.toAbsolutePath());
  }

  private void row(ArrayNode figures, List<PromptGroup> groups, String signal, String metric) {
    SelectionReport first = SelectionReport.of(groups, keeps[0], BOOTSTRAP_SEED);
    System.out.printf(Locale.ROOT, "  %-18s %-24s", signal, text(first.withinPromptSpearman()));
    add(figures, "within-prompt Spearman", metric, signal, 0, first.withinPromptSpearman());
    for (int keep : keeps) {
      SelectionReport report = SelectionReport.of(groups, keep, BOOTSTRAP_SEED);
      System.out.printf(Locale.ROOT, " %-24s", text(report.capturedGain()));
      add(figures, "captured gain", metric, signal, keep, report.capturedGain());
      add(figures, "gain over random", metric, signal, keep, report.gainOverRandom());
    }
    System.out.printf(Locale.ROOT, " %.3f%n", first.globalSpearman());
  }

  private void add(
      ArrayNode figures, String name, String metric, String signal, int keep, Interval interval) {
    ObjectNode figure = figures.addObject();
    figure.put("name", name);
    figure.put("metric", metric);
    figure.put("fraction", fraction);
    figure.put("n", n);
    if (keep > 0) {
      figure.put("k", keep);
    }
    figure.put("signal", signal);
    figure.put("value", interval.value());
    figure.put("low", interval.low());
    figure.put("high", interval.high());
  }

  private static String text(Interval interval) {
    return String.format(
        Locale.ROOT, "%.3f [%.3f, %.3f]", interval.value(), interval.low(), interval.high());
  }
}
