package io.github.probeselect.research;

import com.fasterxml.jackson.databind.json.JsonMapper;
import io.github.probeselect.evaluation.Interval;
import io.github.probeselect.evaluation.SelectionReport;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** What probes select on models that they were not trained for, as a page and as numbers. */
final class TransferReport {

  static final String AS_IT_IS = "as it is";
  static final String ADAPTED = "adapted";

  private static final JsonMapper JSON = JsonMapper.builder().build();

  private final double fraction;
  private final int prompts;
  private final List<Row> rows = new ArrayList<>();

  TransferReport(double fraction, int prompts) {
    this.fraction = fraction;
    this.prompts = prompts;
  }

  /** What a probe that began as the one of a model selects on another. */
  record Row(
      String from, String to, String how, Interval withinPromptSpearman, Interval capturedGain) {}

  void add(String from, String to, String how, SelectionReport report) {
    rows.add(new Row(from, to, how, report.withinPromptSpearman(), report.capturedGain()));
    System.out.println(rows.get(rows.size() - 1));
  }

  /** Writes {@code transfer.md} and {@code transfer.json}; returns the page. */
  Path write(Path directory) throws IOException {
    Files.createDirectories(directory);
    Files.writeString(
        directory.resolve("transfer.json"),
        JSON.writerWithDefaultPrettyPrinter().writeValueAsString(rows) + "\n");
    List<String> lines = new ArrayList<>();
    lines.add("# Probes on models they were not trained for");
    lines.add("");
    lines.add(
        String.format(
            Locale.ROOT,
            "Within-prompt Spearman and captured gain (keep 1) on held-out prompts at %.0f%%, of the probe of the model on the left applied to the model above. The models share the pooled shape of their activations, not what a channel means. Made by `mvn -q compile -Dexample=Transfer`; numbers with intervals in [transfer.json](transfer.json).",
            100 * fraction));
    table(lines, "As it is", AS_IT_IS);
    lines.add("");
    lines.add(
        "Weights whose shape differs, which is the layer that reads the prompt embedding where that has another width, begin at random.");
    table(
        lines,
        String.format(Locale.ROOT, "After learning from %d prompts of the other model", prompts),
        ADAPTED);
    Path page = directory.resolve("transfer.md");
    Files.writeString(page, String.join("\n", lines) + "\n");
    return page;
  }

  private void table(List<String> lines, String title, String how) {
    List<String> targets = rows.stream().map(Row::to).distinct().toList();
    lines.add("");
    lines.add("## " + title);
    lines.add("");
    lines.add("| probe of | " + String.join(" | ", targets) + " |");
    lines.add("|---".repeat(targets.size() + 1) + "|");
    for (String from : rows.stream().map(Row::from).distinct().toList()) {
      if (rows.stream().anyMatch(row -> row.from.equals(from) && row.how.equals(how))) {
        lines.add(
            String.format(
                Locale.ROOT,
                "| %s | %s |",
                from,
                String.join(" | ", targets.stream().map(to -> cell(from, to, how)).toList())));
      }
    }
  }

  private String cell(String from, String to, String how) {
    return rows.stream()
        .filter(row -> row.from.equals(from) && row.to.equals(to) && row.how.equals(how))
        .map(
            row ->
                String.format(
                    Locale.ROOT,
                    "%.2f, %.2f",
                    row.withinPromptSpearman.value(),
                    row.capturedGain.value()))
        .findFirst()
        .orElse("");
  }
}
