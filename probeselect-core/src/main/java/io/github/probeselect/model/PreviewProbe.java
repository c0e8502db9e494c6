package io.github.probeselect.model;

import io.github.probeselect.image.RgbImage;
import io.github.probeselect.internal.Arguments;
import java.util.List;

/**
 * Scores candidates by a metric on their decoded x0 predictions. It needs no training, and costs
 * one {@linkplain DiffusionModel#preview preview} and one score for each candidate. A preview that
 * is {@linkplain RgbImage#isVoid() void} scores NaN. Thread-safe; model and metric stay the
 * caller's.
 */
public final class PreviewProbe implements Probe {

  /** The maximum number of previews in memory. */
  private static final int PREVIEWS_TOGETHER = 16;

  private final DiffusionModel model;
  private final QualityMetric metric;

  /** Creates a probe that decodes with the model and scores with the metric. */
  public PreviewProbe(DiffusionModel model, QualityMetric metric) {
    this.model = Arguments.require("model", model);
    this.metric = Arguments.require("metric", metric);
  }

  /** The name of the signal for a metric of this name. */
  public static String name(String metric) {
    return "decoded preview, " + Arguments.require("metric", metric);
  }

  @Override
  public String name() {
    return name(metric.name());
  }

  /** The version of the metric, and the checksum of the decoder of the previews. */
  @Override
  public String version() {
    return metric.version() + "+" + model.manifest().previewHash();
  }

  @Override
  public boolean readsActivations() {
    return false;
  }

  @Override
  public double[] score(Observation observation) {
    double[] scores = new double[observation.size()];
    for (int from = 0, to; from < scores.length; from = to) {
      to = Math.min(scores.length, from + PREVIEWS_TOGETHER);
      List<RgbImage> previews =
          observation.x0Predictions().subList(from, to).stream()
              .map(prediction -> model.preview(prediction, observation.shape()))
              .toList();
      double[] previewScores =
          QualityMetric.Scores.of(metric, previews, observation.prompt()).values();
      System.arraycopy(previewScores, 0, scores, from, previewScores.length);
    }
    return scores;
  }

  @Override
  public String metric() {
    return metric.name();
  }
}
