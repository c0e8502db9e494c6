package io.github.probeselect.research;

import com.fasterxml.jackson.databind.json.JsonMapper;
import io.github.probeselect.evaluation.Interval;
import io.github.probeselect.evaluation.SelectionReport;
import io.github.probeselect.internal.io.WholeFile;
import io.github.probeselect.tools.Figures;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** What probes that lack something select, as a page and as numbers. */
final class AblationReport {

  private static final JsonMapper JSON = JsonMapper.builder().build();

  private final String bundle;
  private final String metric;
  private final double fraction;
  private final int prompts;
  private final int testPrompts;
  private final List<Row> rows = new ArrayList<>();

  AblationReport(String bundle, String metric, double fraction, int prompts, int testPrompts) {
    this.bundle = bundle;
    this.metric = metric;
    this.fraction = fraction;
    this.prompts = prompts;
    this.testPrompts = testPrompts;
  }

  /** What one probe selects. */
  record Row(String group, String name, Interval withinPromptSpearman, Interval capturedGain) {}

  /** Keeps one probe's result, so that it need not be trained again. */
  static void save(Path file, String group, String name, SelectionReport report)
      throws IOException {
    Row row = new Row(group, name, report.withinPromptSpearman(), report.capturedGain());
    WholeFile.write(file, JSON.writeValueAsBytes(row));
  }

  void add(Path file) throws IOException {
    rows.add(JSON.readValue(file.toFile(), Row.class));
  }

  /** The row added last, as in the table. */
  String last() {
    return line(rows.get(rows.size() - 1));
  }

  private static String line(Row row) {
    return String.format(
        Locale.ROOT,
        "| %s | %s | %s |",
        row.name,
        Figures.text(row.withinPromptSpearman),
        Figures.text(row.capturedGain));
  }

  /** Writes {@code BUNDLE-ablations.md} and {@code .json}; returns the page. */
  Path write(Path directory) throws IOException {
    Files.createDirectories(directory);
    String name = bundle + "-ablations";
    Files.writeString(
        directory.resolve(name + ".json"),
        JSON.writerWithDefaultPrettyPrinter().writeValueAsString(rows) + "\n");
    List<String> lines = new ArrayList<>();
    lines.add(String.format(Locale.ROOT, "# What each part of the probe of %s brings", bundle));
    lines.add("");
    lines.add(
        String.format(
            Locale.ROOT,
            "Probes that lack something, or have more, each trained on %d prompts unless it says otherwise, for %.0f%% alone, by `%s`, and scored on %d held-out prompts. They learn for a shorter time than the shipped one, so compare them with each other. Made by `mvn -q compile -Dexample=Ablate`; numbers in [%s.json](%s.json).",
            prompts,
            100 * fraction,
            metric,
            testPrompts,
            name,
            name));
    String group = "";
    for (Row row : rows) {
      if (!row.group.equals(group)) {
        group = row.group;
        lines.add("");
        lines.add(
            String.format(
                Locale.ROOT, "| %s | within-prompt Spearman | captured gain, keep 1 |", group));
        lines.add("|---|---|---|");
      }
      lines.add(line(row));
    }
    Path page = directory.resolve(name + ".md");
    Files.writeString(page, String.join("\n", lines) + "\n");
    return page;
  }
}
