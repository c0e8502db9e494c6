package io.github.probeselect.tools;

import io.github.probeselect.evaluation.Evaluation;
import io.github.probeselect.evaluation.Figure;
import io.github.probeselect.evaluation.Reliability;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.style.Styler;
import org.knowm.xchart.style.markers.SeriesMarkers;

/** Figures against the fraction done, one line per signal. */
final class EvaluationPlots {

  private final Evaluation evaluation;
  private final List<String> signals;

  EvaluationPlots(Evaluation evaluation, List<String> signals) {
    this.evaluation = evaluation;
    this.signals = signals;
  }

  /** Writes the figures of one name, all seeds started and k kept, with their intervals. */
  void write(String name, String metric, int k, Path file) throws IOException {
    int n = evaluation.header().seedsPerPrompt();
    XYChart chart =
        new XYChartBuilder()
            .width(760)
            .height(420)
            .title(k == 0 ? name : String.format(Locale.ROOT, "%s, %d of %d kept", name, k, n))
            .xAxisTitle("fraction of the denoising steps done")
            .yAxisTitle("by " + metric)
            .theme(Styler.ChartTheme.Matlab)
            .build();
    chart.getStyler().setLocale(Locale.ROOT);
    chart.getStyler().setLegendPosition(Styler.LegendPosition.OutsideE);
    chart.getStyler().setXAxisMin(0.0);
    chart.getStyler().setYAxisMax(1.0);
    for (String signal : signals) {
      List<Figure> figures =
          evaluation.figures().stream()
              .filter(figure -> figure.name().equals(name) && figure.metric().equals(metric))
              .filter(figure -> figure.signal().equals(signal))
              .filter(figure -> figure.n() == n && figure.k() == k)
              .filter(figure -> !Double.isNaN(figure.value()))
              .toList();
      if (!figures.isEmpty()) {
        chart
            .addSeries(
                signal,
                figures.stream().mapToDouble(Figure::fraction).toArray(),
                figures.stream().mapToDouble(Figure::value).toArray(),
                figures.stream().mapToDouble(f -> (f.high() - f.low()) / 2).toArray())
            .setMarker(SeriesMarkers.CIRCLE);
      }
    }
    BitmapEncoder.saveBitmap(chart, file.toString(), BitmapEncoder.BitmapFormat.PNG);
  }

  /** Writes how far off a signal was where it said so, beside what would be right. */
  void writeCalibration(String signal, int observation, Path file) throws IOException {
    List<Reliability.Bin> bins = evaluation.reliability(signal, observation).bins();
    if (bins.isEmpty()) {
      return;
    }
    double end =
        bins.stream().mapToDouble(bin -> Math.max(bin.predicted(), bin.actual())).max().orElse(1);
    XYChart chart =
        new XYChartBuilder()
            .width(520)
            .height(420)
            .title(
                String.format(
                    Locale.ROOT,
                    "%s, %.0f%% done",
                    signal,
                    100 * evaluation.header().fractionDone(observation)))
            .xAxisTitle("predicted deviation, a tenth of the candidates each")
            .yAxisTitle("root mean square error within prompts")
            .theme(Styler.ChartTheme.Matlab)
            .build();
    chart.getStyler().setLocale(Locale.ROOT);
    chart.getStyler().setLegendPosition(Styler.LegendPosition.InsideNW);
    chart
        .addSeries("right", new double[] {0, end}, new double[] {0, end})
        .setMarker(SeriesMarkers.NONE);
    chart
        .addSeries(
            "measured",
            bins.stream().mapToDouble(Reliability.Bin::predicted).toArray(),
            bins.stream().mapToDouble(Reliability.Bin::actual).toArray())
        .setMarker(SeriesMarkers.CIRCLE);
    BitmapEncoder.saveBitmap(chart, file.toString(), BitmapEncoder.BitmapFormat.PNG);
  }
}
