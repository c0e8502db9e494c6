package io.github.probeselect.research;

import io.github.probeselect.evaluation.Bootstrap;
import io.github.probeselect.evaluation.Interval;
import io.github.probeselect.evaluation.Spearman;
import io.github.probeselect.image.RgbImage;
import io.github.probeselect.research.StudyHalfPrecision.Outcome;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** How far a bundle in half precision is from the same model in float32, over many prompts. */
final class PrecisionReport {

  static final String HEAD =
      "| bundle | mean absolute difference of 255 | PSNR, median (lowest) | Spearman of the metric's scores | Spearman of early scores | kept by both | metric's mean over the kept ones, difference | void images |\n"
          + "|---|---|---|---|---|---|---|---|";

  private final String name;
  private final int k;
  private final List<Double> differences = new ArrayList<>();
  private final List<Double> decibels = new ArrayList<>();
  private final List<Double> ofScores = new ArrayList<>();
  private final List<Double> ofEarly = new ArrayList<>();
  private final List<Double> shared = new ArrayList<>();
  private final List<Double> lost = new ArrayList<>();
  private int voids;

  PrecisionReport(String name, int k) {
    this.name = name;
    this.k = k;
  }

  /** The candidates of one prompt, in the same order. */
  void add(Outcome single, Outcome half) {
    for (int i = 0; i < single.images().size(); i++) {
      if (half.images().get(i).isVoid()) {
        voids++;
      } else {
        compare(single.images().get(i), half.images().get(i));
      }
    }
    correlate(single.scores(), half.scores(), ofScores);
    correlate(single.early(), half.early(), ofEarly);
    Set<Integer> before = best(single.early());
    Set<Integer> after = best(half.early());
    shared.add(after.stream().filter(before::contains).count() / (double) after.size());
    lost.add(mean(half.scores(), after) - mean(single.scores(), before));
  }

  private void compare(RgbImage single, RgbImage half) {
    byte[] expected = single.toBytes();
    byte[] actual = half.toBytes();
    double absolute = 0;
    double squared = 0;
    for (int i = 0; i < expected.length; i++) {
      int difference = Math.abs((expected[i] & 0xff) - (actual[i] & 0xff));
      absolute += difference;
      squared += (double) difference * difference;
    }
    differences.add(absolute / expected.length);
    decibels.add(10 * Math.log10(255.0 * 255.0 * expected.length / squared));
  }

  /** Scores that are no numbers, those of void images, are left out with their partners. */
  private static void correlate(List<Double> single, List<Double> half, List<Double> into) {
    int[] both =
        IntStream.range(0, single.size())
            .filter(i -> Double.isFinite(single.get(i)) && Double.isFinite(half.get(i)))
            .toArray();
    if (both.length >= 2) {
      double[] x = IntStream.of(both).mapToDouble(single::get).toArray();
      double[] y = IntStream.of(both).mapToDouble(half::get).toArray();
      double correlation = Spearman.correlation(x, y);
      if (Double.isFinite(correlation)) {
        into.add(correlation);
      }
    }
  }

  private Set<Integer> best(List<Double> scores) {
    return IntStream.range(0, scores.size())
        .boxed()
        .filter(i -> Double.isFinite(scores.get(i)))
        .sorted(Comparator.comparingDouble(i -> -scores.get(i)))
        .limit(k)
        .collect(Collectors.toSet());
  }

  private static double mean(List<Double> scores, Set<Integer> of) {
    return of.stream()
        .mapToDouble(scores::get)
        .filter(Double::isFinite)
        .average()
        .orElse(Double.NaN);
  }

  String row() {
    return String.format(
        Locale.ROOT,
        "| %s | %s | %s | %s | %s | %s | %s | %d |",
        name,
        differences.isEmpty() ? "-" : String.format(Locale.ROOT, "%.2f", average(differences)),
        decibels.isEmpty() ? "-" : median(decibels),
        interval(ofScores, "%.3f"),
        interval(ofEarly, "%.3f"),
        String.format(Locale.ROOT, "%.0f%%", 100 * average(shared)),
        interval(lost, "%+.3f"),
        voids);
  }

  private static String median(List<Double> values) {
    List<Double> sorted = values.stream().sorted().toList();
    if (sorted.get(0).isInfinite()) {
      return "equal";
    }
    return String.format(
        Locale.ROOT, "%.1f dB (%.1f)", sorted.get(sorted.size() / 2), sorted.get(0));
  }

  private static double average(List<Double> values) {
    return values.stream().mapToDouble(Double::doubleValue).average().orElse(Double.NaN);
  }

  private static String interval(List<Double> perPrompt, String number) {
    double[] values =
        perPrompt.stream().mapToDouble(Double::doubleValue).filter(Double::isFinite).toArray();
    if (values.length == 0) {
      return "-";
    }
    Interval mean = Bootstrap.mean(values, Bootstrap.RESAMPLES, 0);
    return String.format(
        Locale.ROOT,
        number + " [" + number + ", " + number + "]",
        mean.value(),
        mean.low(),
        mean.high());
  }
}
