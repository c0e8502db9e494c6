package io.github.probeselect.tools;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.probeselect.dataset.DatasetHeader;
import io.github.probeselect.evaluation.Evaluation;
import io.github.probeselect.evaluation.Figure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;

/** An evaluation as a page to read, with plots, and as numbers for programs. */
final class EvaluationReport {

  /** What the probe is called among the signals. */
  static final String PROBE = "probe";

  private static final JsonMapper JSON = JsonMapper.builder().build();

  /** The decision point of the tables. */
  private static final double FRACTION = 0.2;

  private final Evaluation evaluation;
  private final DatasetHeader header;
  private final Figures figures;
  private final List<String> signals;
  private final List<String> notes;
  private final List<String> lines = new ArrayList<>();

  /**
   * Makes a report.
   *
   * @param notes sentences that explain signals, written below the tables
   */
  EvaluationReport(Evaluation evaluation, List<String> notes) {
    this.evaluation = evaluation;
    this.notes = notes;
    this.header = evaluation.header();
    this.figures = new Figures(evaluation.figures());
    this.signals =
        evaluation.figures().stream()
            .map(Figure::signal)
            .filter(signal -> !signal.isEmpty())
            .distinct()
            .toList();
  }

  /** Writes {@code BUNDLE.md}, {@code BUNDLE.json} and the plots; returns the page. */
  Path write(Path directory) throws IOException {
    Files.createDirectories(directory);
    String name = header.bundle();
    Files.writeString(
        directory.resolve(name + ".json"),
        JSON.writerWithDefaultPrettyPrinter().writeValueAsString(json()) + "\n");
    EvaluationPlots plots = new EvaluationPlots(evaluation, signals);
    String metric = header.metrics().get(0);
    plots.write(Evaluation.SPEARMAN, metric, 0, directory.resolve(name + "-spearman.png"));
    plots.write(Evaluation.CAPTURED, metric, 1, directory.resolve(name + "-gain.png"));
    if (signals.contains(PROBE)) {
      plots.writeCalibration(
          PROBE, observationAt(FRACTION), directory.resolve(name + "-deviation.png"));
    }
    Path page = directory.resolve(name + ".md");
    Files.writeString(page, page());
    return page;
  }

  /** What is not a number is null. */
  private ArrayNode json() {
    ArrayNode array = JSON.createArrayNode();
    for (Figure figure : evaluation.figures()) {
      ObjectNode node = JSON.valueToTree(figure);
      for (String field : List.of("fraction", "value", "low", "high")) {
        if (Double.isNaN(node.get(field).asDouble())) {
          node.putNull(field);
        }
      }
      array.add(node);
    }
    return array;
  }

  private int observationAt(double fraction) {
    return IntStream.range(0, header.observedAfter().size())
        .filter(time -> Math.abs(header.fractionDone(time) - fraction) < 1e-9)
        .findFirst()
        .orElse(0);
  }

  private String page() {
    String metric = header.metrics().get(0);
    introduction();
    population();
    header.metrics().forEach(this::signals);
    for (String note : notes) {
      line("");
      lines.add(note);
    }
    if (signals.contains(PROBE)) {
      everyFraction(metric);
      deviations(metric);
    }
    bestOfN(metric);
    return String.join("\n", lines) + "\n";
  }

  private void introduction() {
    String name = header.bundle();
    line(String.format(Locale.ROOT, "# How well %s is selected from", name));
    line("");
    line(
        String.format(
            Locale.ROOT,
            "%d held-out prompts, %d seeds each, every one finished; %d denoiser evaluations from noise to image, guidance scale %s, %s. Intervals are at 95%%, bootstrapped over prompts. Made by `probeselect-tools evaluate`, for a bundle other than the default one with `--bundle DIR`; all figures are in [%s.json](%s.json).",
            evaluation.prompts(),
            header.seedsPerPrompt(),
            header.steps(),
            header.guidanceScale(),
            header.scheduler().type(),
            name,
            name));
  }

  private void population() {
    String name = header.bundle();
    line("");
    line("| metric of the finished images | mean | share of its variance within prompts |");
    line("|---|---|---|");
    int n = header.seedsPerPrompt();
    for (String metric : header.metrics()) {
      double within =
          figures
              .find(Evaluation.WITHIN, metric, "", Double.NaN, n, 0)
              .map(Figure::value)
              .orElse(Double.NaN);
      line(
          String.format(
              Locale.ROOT,
              "| `%s` | %s | %.0f%% |",
              metric,
              figures.text(Evaluation.MEAN, metric, "", Double.NaN, n, 0),
              100 * within));
    }
    line("");
    line(
        String.format(
            Locale.ROOT,
            "![Within-prompt Spearman against the fraction done](%s-spearman.png)",
            name));
    line(
        String.format(
            Locale.ROOT, "![Captured gain against the fraction done](%s-gain.png)", name));
  }

  private void signals(String metric) {
    int n = header.seedsPerPrompt();
    line("");
    line(String.format(Locale.ROOT, "## Scored by `%s`, at %.0f%%", metric, 100 * FRACTION));
    line("");
    line(
        String.format(
            Locale.ROOT,
            "| signal | within-prompt Spearman | captured gain, keep 1 of %d | keep 2 | keep 4 | global Spearman |",
            n));
    line("|---|---|---|---|---|---|");
    for (String signal : signals) {
      line(
          String.format(
              Locale.ROOT,
              "| %s | %s | %s | %s | %s | %s |",
              signal,
              figures.text(Evaluation.SPEARMAN, metric, signal, FRACTION, n, 0),
              figures.text(Evaluation.CAPTURED, metric, signal, FRACTION, n, 1),
              figures.text(Evaluation.CAPTURED, metric, signal, FRACTION, n, 2),
              figures.text(Evaluation.CAPTURED, metric, signal, FRACTION, n, 4),
              figures.value(Evaluation.GLOBAL, metric, signal, FRACTION, n, 0)));
    }
  }

  private void everyFraction(String metric) {
    int n = header.seedsPerPrompt();
    line("");
    line(String.format(Locale.ROOT, "## The probe at every fraction, by `%s`", metric));
    line("");
    line(
        String.format(
            Locale.ROOT,
            "| fraction done | within-prompt Spearman | less the preview's, prompt by prompt | keep 1 of 4 | 1 of 8 | 1 of %d |",
            n));
    line("|---|---|---|---|---|---|");
    for (int time = 0; time < header.observedAfter().size(); time++) {
      double fraction = header.fractionDone(time);
      line(
          String.format(
              Locale.ROOT,
              "| %.0f%% | %s | %s | %s | %s | %s |",
              100 * fraction,
              figures.text(Evaluation.SPEARMAN, metric, PROBE, fraction, n, 0),
              figures.text(Evaluation.OVER_PREVIEW, metric, PROBE, fraction, n, 0),
              figures.text(Evaluation.CAPTURED, metric, PROBE, fraction, 4, 1),
              figures.text(Evaluation.CAPTURED, metric, PROBE, fraction, 8, 1),
              figures.text(Evaluation.CAPTURED, metric, PROBE, fraction, n, 1)));
    }
  }

  private void deviations(String metric) {
    line("");
    line(String.format(Locale.ROOT, "## How far off the probe says it is, by `%s`", metric));
    line("");
    line(
        "With every score the probe gives a deviation. How often the error between the seeds of a prompt is within the interval that follows from it, were errors normal:");
    line("");
    line("| fraction done | interval of 50% | of 80% | of 95% |");
    line("|---|---|---|---|");
    int n = header.seedsPerPrompt();
    for (int time = 0; time < header.observedAfter().size(); time++) {
      double fraction = header.fractionDone(time);
      line(
          String.format(
              Locale.ROOT,
              "| %.0f%% | %s | %s | %s |",
              100 * fraction,
              figures.text(Evaluation.COVERAGE + "50%", metric, PROBE, fraction, n, 0),
              figures.text(Evaluation.COVERAGE + "80%", metric, PROBE, fraction, n, 0),
              figures.text(Evaluation.COVERAGE + "95%", metric, PROBE, fraction, n, 0)));
    }
    line("");
    line(
        String.format(
            Locale.ROOT,
            "![Predicted deviation against error](%s-deviation.png)",
            header.bundle()));
  }

  private void bestOfN(String metric) {
    line("");
    line(String.format(Locale.ROOT, "## Against best-of-N at equal cost, by `%s`", metric));
    line("");
    line(
        String.format(
            Locale.ROOT,
            "What a budget of full runs gives when it is spent on one cut, of whose k finished images the metric picks the best, less what the best of that many plain runs gives, in the metric's unit. Above zero the cut is the better use. At most %d candidates are started, so that large budgets are not spent whole. In equal time a candidate costs what it took on the machine that made this page, capture and score included.",
            header.seedsPerPrompt()));
    bestOfN(Evaluation.OVER_BEST_OF_N, "equal denoiser evaluations", metric);
    bestOfN(Evaluation.OVER_BEST_OF_N_IN_TIME, "equal time", metric);
  }

  private void bestOfN(String name, String equal, String metric) {
    List<Figure> compared =
        evaluation.figures().stream()
            .filter(figure -> figure.name().startsWith(name + " of "))
            .filter(figure -> figure.metric().equals(metric))
            .filter(figure -> isCompared(figure.signal()))
            .filter(figure -> figure.fraction() >= 0.1 && figure.fraction() <= 0.4)
            .toList();
    line("");
    line(
        String.format(
            Locale.ROOT, "| %s | cut at | signal | started, kept | gain over best-of-N |", equal));
    line("|---|---|---|---|---|");
    for (Figure figure : compared) {
      line(
          String.format(
              Locale.ROOT,
              "| %s | %.0f%% | %s | %d, %d | %s |",
              figure.name().substring(name.length() + " of ".length()),
              100 * figure.fraction(),
              figure.signal(),
              figure.n(),
              figure.k(),
              Figures.text(figure)));
    }
  }

  private static boolean isCompared(String signal) {
    return signal.equals(PROBE) || signal.startsWith("decoded preview");
  }

  private void line(String line) {
    lines.add(line);
  }
}
