package io.github.probeselect.tools;

import io.github.probeselect.evaluation.Figure;
import io.github.probeselect.evaluation.Interval;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The figures of an evaluation, to be looked up and written as text. */
public final class Figures {

  private final Map<Key, Figure> figures = new HashMap<>();

  Figures(List<Figure> figures) {
    for (Figure each : figures) {
      this.figures.put(
          new Key(each.name(), each.metric(), each.signal(), each.fraction(), each.n(), each.k()),
          each);
    }
  }

  /** What tells figures apart; the fraction is NaN for those of no decision point. */
  private record Key(String name, String metric, String signal, double fraction, int n, int k) {}

  Optional<Figure> find(String name, String metric, String signal, double fraction, int n, int k) {
    return Optional.ofNullable(figures.get(new Key(name, metric, signal, fraction, n, k)));
  }

  /** Value and interval, or a dash. */
  String text(String name, String metric, String signal, double fraction, int n, int k) {
    return text(figures.get(new Key(name, metric, signal, fraction, n, k)));
  }

  /** The value alone, or a dash. */
  String value(String name, String metric, String signal, double fraction, int n, int k) {
    return find(name, metric, signal, fraction, n, k)
        .filter(figure -> !Double.isNaN(figure.value()))
        .map(figure -> String.format(Locale.ROOT, "%.2f", figure.value()))
        .orElse("-");
  }

  /** Value and interval, or a dash. */
  static String text(@Nullable Figure figure) {
    return figure == null || Double.isNaN(figure.value())
        ? "-"
        : text(new Interval(figure.value(), figure.low(), figure.high()));
  }

  /** Value and interval. */
  public static String text(Interval interval) {
    return String.format(
        Locale.ROOT, "%.2f [%.2f, %.2f]", interval.value(), interval.low(), interval.high());
  }
}
