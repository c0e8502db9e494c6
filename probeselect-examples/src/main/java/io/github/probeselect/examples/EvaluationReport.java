package io.github.probeselect.examples;

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
import java.util.function.Predicate;
import java.util.stream.Collectors;

/** An evaluation as a page to read, with plots, and as numbers for programs. */
final class EvaluationReport {

  /** What the probe is called among the signals. */
  static final String PROBE = "probe";

  private static final JsonMapper JSON = JsonMapper.builder().build();

  /** The decision point of the tables. */
  private static final double FRACTION = 0.2;

  private final Evaluation evaluation;
  private final DatasetHeader header;
  private final List<String> signals;

  EvaluationReport(Evaluation evaluation) {
    this.evaluation = evaluation;
    this.header = evaluation.header();
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
    Path page = directory.resolve(name + ".md");
    Files.writeString(page, text());
    return page;
  }

  /** What is not a number is null. */
  private ArrayNode json() {
    ArrayNode figures = JSON.createArrayNode();
    for (Figure figure : evaluation.figures()) {
      ObjectNode node = JSON.valueToTree(figure);
      for (String field : List.of("fraction", "value", "low", "high")) {
        if (Double.isNaN(node.get(field).asDouble())) {
          node.putNull(field);
        }
      }
      figures.add(node);
    }
    return figures;
  }

  private String text() {
    List<String> lines = new ArrayList<>();
    int n = header.seedsPerPrompt();
    String name = header.bundle();
    lines.add("# How well %s is selected from".formatted(name));
    lines.add("");
    lines.add(
        "%d held-out prompts, %d seeds each, every one finished; %d denoiser evaluations from noise to image, guidance scale %s, %s. Intervals are at 95%%, bootstrapped over prompts. Made by `mvn -q compile -Dexample=Evaluate`, for a bundle other than the default one with `-Dexample.args=\"--bundle DIR\"`; all figures are in [%s.json](%s.json)."
            .formatted(
                evaluation.prompts(),
                n,
                header.steps(),
                header.guidanceScale(),
                header.scheduler().type(),
                name,
                name));
    lines.add("");
    lines.add("| metric of the finished images | mean | share of its variance within prompts |");
    lines.add("|---|---|---|");
    for (String metric : header.metrics()) {
      lines.add(
          "| `%s` | %s | %.0f%% |"
              .formatted(
                  metric,
                  text(only(Evaluation.MEAN, metric)),
                  100 * only(Evaluation.WITHIN, metric).value()));
    }
    lines.add("");
    lines.add(
        "![Within-prompt Spearman against the fraction done](%s-spearman.png)".formatted(name));
    lines.add("![Captured gain against the fraction done](%s-gain.png)".formatted(name));
    for (String metric : header.metrics()) {
      lines.add("");
      lines.add("## Judged by `%s`, at %.0f%%".formatted(metric, 100 * FRACTION));
      lines.add("");
      lines.add(
          "| signal | within-prompt Spearman | captured gain, keep 1 of %d | keep 2 | keep 4 | global Spearman |"
              .formatted(n));
      lines.add("|---|---|---|---|---|---|");
      for (String signal : signals) {
        lines.add(
            "| %s | %s | %s | %s | %s | %s |"
                .formatted(
                    signal,
                    text(at(Evaluation.SPEARMAN, metric, signal, n, 0)),
                    text(at(Evaluation.CAPTURED, metric, signal, n, 1)),
                    text(at(Evaluation.CAPTURED, metric, signal, n, 2)),
                    text(at(Evaluation.CAPTURED, metric, signal, n, 4)),
                    text(at(Evaluation.GLOBAL, metric, signal, n, 0).value())));
      }
    }
    String metric = header.metrics().get(0);
    lines.add("");
    lines.add("## The probe at every fraction, by `%s`".formatted(metric));
    lines.add("");
    lines.add(
        "| fraction done | within-prompt Spearman | keep 1 of 4 | 1 of 8 | 1 of %d |".formatted(n));
    lines.add("|---|---|---|---|---|");
    for (int time = 0; time < header.observedAfter().size(); time++) {
      double fraction = header.fractionDone(time);
      Predicate<Figure> here =
          figure -> figure.fraction() == fraction && figure.signal().equals(PROBE);
      lines.add(
          "| %.0f%% | %s | %s | %s | %s |"
              .formatted(
                  100 * fraction,
                  cell(here, Evaluation.SPEARMAN, metric, n, 0),
                  cell(here, Evaluation.CAPTURED, metric, 4, 1),
                  cell(here, Evaluation.CAPTURED, metric, 8, 1),
                  cell(here, Evaluation.CAPTURED, metric, n, 1)));
    }
    lines.add("");
    lines.add("## Against best-of-N at equal denoiser evaluations, by `%s`".formatted(metric));
    lines.add("");
    lines.add(
        "What a budget of full runs gives when it is spent on one cut, of whose k finished images the metric picks the best, less what the best of that many plain runs gives, in the metric's unit. Above zero the cut is the better use. At most %d candidates are started, so that large budgets are not spent whole."
            .formatted(n));
    lines.add("");
    lines.add("| budget | cut at | started, kept | probe | decoded preview |");
    lines.add("|---|---|---|---|---|");
    for (Figure figure : evaluation.figures()) {
      if (figure.name().startsWith(Evaluation.OVER_BEST_OF_N)
          && figure.metric().equals(metric)
          && figure.signal().equals(PROBE)
          && figure.fraction() >= 0.1
          && figure.fraction() <= 0.4) {
        Predicate<Figure> same =
            other ->
                other.name().equals(figure.name())
                    && other.metric().equals(metric)
                    && other.fraction() == figure.fraction()
                    && other.n() == figure.n()
                    && other.k() == figure.k()
                    && other.signal().startsWith("decoded preview");
        lines.add(
            "| %s | %.0f%% | %d, %d | %s | %s |"
                .formatted(
                    figure.name().substring(figure.name().lastIndexOf(" of ") + 4),
                    100 * figure.fraction(),
                    figure.n(),
                    figure.k(),
                    text(figure),
                    evaluation.figures().stream()
                        .filter(same)
                        .map(EvaluationReport::text)
                        .findFirst()
                        .orElse("")));
      }
    }
    return lines.stream().collect(Collectors.joining("\n", "", "\n"));
  }

  private Figure only(String name, String metric) {
    return find(figure -> figure.name().equals(name) && figure.metric().equals(metric));
  }

  private Figure at(String name, String metric, String signal, int n, int k) {
    return find(
        figure ->
            figure.name().equals(name)
                && figure.metric().equals(metric)
                && figure.signal().equals(signal)
                && figure.n() == n
                && figure.k() == k
                && Math.abs(figure.fraction() - FRACTION) < 1e-9);
  }

  private String cell(Predicate<Figure> here, String name, String metric, int n, int k) {
    return evaluation.figures().stream()
        .filter(here)
        .filter(figure -> figure.name().equals(name) && figure.metric().equals(metric))
        .filter(figure -> figure.n() == n && figure.k() == k)
        .map(EvaluationReport::text)
        .findFirst()
        .orElse("");
  }

  private Figure find(Predicate<Figure> wanted) {
    return evaluation.figures().stream()
        .filter(wanted)
        .findFirst()
        .orElse(new Figure("", "", Double.NaN, 0, 0, "", Double.NaN, Double.NaN, Double.NaN));
  }

  private static String text(Figure figure) {
    return Double.isNaN(figure.value())
        ? "-"
        : "%s [%s, %s]".formatted(text(figure.value()), text(figure.low()), text(figure.high()));
  }

  private static String text(double value) {
    return Double.isNaN(value) ? "-" : String.format(Locale.ROOT, "%.2f", value);
  }
}
