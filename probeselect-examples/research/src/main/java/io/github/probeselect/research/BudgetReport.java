package io.github.probeselect.research;

import com.fasterxml.jackson.databind.json.JsonMapper;
import io.github.probeselect.evaluation.Interval;
import io.github.probeselect.planning.Proposal;
import io.github.probeselect.tools.Figures;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.style.Styler;
import org.knowm.xchart.style.markers.SeriesMarkers;

/** What budgets give when they are spent one way or another, as a page, a plot and numbers. */
final class BudgetReport {

  private static final JsonMapper JSON = JsonMapper.builder().build();

  private final String bundle;
  private final String metric;
  private final int prompts;
  private final List<Row> rows = new ArrayList<>();
  private final List<String> explanations = new ArrayList<>();
  private List<LiveBudgets.Row> live = List.of();

  BudgetReport(String bundle, String metric, int prompts) {
    this.bundle = bundle;
    this.metric = metric;
    this.prompts = prompts;
  }

  /**
   * What a budget gives.
   *
   * @param use how it was spent
   * @param fullRuns the budget
   * @param gain over a random candidate, in the metric's unit
   */
  record Row(String use, double fullRuns, Interval gain) {}

  void add(String use, double fullRuns, Interval gain) {
    rows.add(new Row(use, fullRuns, gain));
  }

  void explain(double fullRuns, Proposal proposal) {
    explanations.add(
        String.format(Locale.ROOT, "- **%.1f full runs:** %s", fullRuns, proposal.explanation()));
  }

  void spent(List<LiveBudgets.Row> rowsByTheClock) {
    live = rowsByTheClock;
  }

  /** What the numbers file holds. */
  private record Numbers(List<Row> replayed, List<LiveBudgets.Row> live) {}

  /** Writes {@code BUNDLE.md}, {@code .json} and {@code .png}; returns the page. */
  Path write(Path directory) throws IOException {
    Files.createDirectories(directory);
    Files.writeString(
        directory.resolve(bundle + ".json"),
        JSON.writerWithDefaultPrettyPrinter().writeValueAsString(new Numbers(rows, live)) + "\n");
    plot(directory.resolve(bundle + ".png"));
    Path page = directory.resolve(bundle + ".md");
    Files.writeString(page, String.join("\n", page()) + "\n");
    return page;
  }

  private List<String> page() {
    List<Double> budgets = rows.stream().map(Row::fullRuns).distinct().toList();
    List<String> lines = new ArrayList<>();
    lines.add("# What a budget buys on " + bundle);
    lines.add("");
    lines.add(
        String.format(
            Locale.ROOT,
            "Gain over a random candidate by `%s`, in its unit, on %d held-out prompts with 95%% intervals over them. A budget of a full run pays for a candidate from noise to a finished and scored image on the machine that made this page; scoring, capturing and decoding are paid for. Plans were made from other prompts, for at most as many candidates as were recorded. Nobody could gain more with these than who knew them all in advance. Made by `mvn -q compile -Dexample=StudyBudgets` after `Evaluate` and `Calibrate`; numbers in [%s.json](%s.json).",
            metric,
            prompts,
            bundle,
            bundle));
    lines.add("");
    lines.add(String.format(Locale.ROOT, "![Gain against budget](%s.png)", bundle));
    lines.add("");
    lines.add(
        "| full runs | "
            + String.join(" | ", budgets.stream().map(String::valueOf).toList())
            + " |");
    lines.add("|---".repeat(budgets.size() + 1) + "|");
    for (String use : rows.stream().map(Row::use).distinct().toList()) {
      List<String> cells =
          rows.stream()
              .filter(row -> row.use.equals(use))
              .map(row -> Figures.text(row.gain))
              .toList();
      lines.add("| " + use + " | " + String.join(" | ", cells) + " |");
    }
    lines.add("");
    if (!live.isEmpty()) {
      lines.addAll(clock());
    }
    lines.add("## The plans");
    lines.add("");
    lines.addAll(explanations);
    return lines;
  }

  private List<String> clock() {
    List<String> lines = new ArrayList<>();
    lines.add("## By the clock");
    lines.add("");
    lines.add(
        String.format(
            Locale.ROOT,
            "The same budgets spent for real on %d of these prompts with seeds of their own (`--live`), in turn with full runs: the median time of a planned request, its gain, and what full runs gain in that time, on the line between their neighbouring numbers, with 95%% intervals over prompts.",
            live.get(0).prompts()));
    lines.add("");
    lines.add(
        "| full runs | candidates | seconds | planned | best of N in that time | times as much |");
    lines.add("|---|---|---|---|---|---|");
    for (LiveBudgets.Row row : live) {
      lines.add(
          String.format(
              Locale.ROOT,
              "| %s | %d | %.2f | %s | %s | %s |",
              row.fullRuns(),
              row.candidates(),
              row.seconds(),
              Figures.text(row.gain()),
              Figures.text(row.bestOfN()),
              Figures.text(row.ratio())));
    }
    lines.add("");
    return lines;
  }

  private void plot(Path file) throws IOException {
    XYChart chart =
        new XYChartBuilder()
            .width(760)
            .height(420)
            .title("gain over a random candidate, " + bundle)
            .xAxisTitle("budget in full runs")
            .yAxisTitle("by " + metric)
            .theme(Styler.ChartTheme.Matlab)
            .build();
    chart.getStyler().setLocale(Locale.ROOT);
    chart.getStyler().setLegendPosition(Styler.LegendPosition.OutsideE);
    chart.getStyler().setYAxisMin(0.0);
    for (String use : rows.stream().map(Row::use).distinct().toList()) {
      List<Row> series = rows.stream().filter(row -> row.use.equals(use)).toList();
      chart
          .addSeries(
              use,
              series.stream().mapToDouble(Row::fullRuns).toArray(),
              series.stream().mapToDouble(row -> row.gain.value()).toArray(),
              series.stream().mapToDouble(row -> (row.gain.high() - row.gain.low()) / 2).toArray())
          .setMarker(SeriesMarkers.CIRCLE);
    }
    BitmapEncoder.saveBitmap(chart, file.toString(), BitmapEncoder.BitmapFormat.PNG);
  }
}
