package io.github.probeselect.djl.training;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.github.probeselect.djl.network.ProbeFile.Scale;
import io.github.probeselect.djl.network.ProbeNetwork;
import io.github.probeselect.djl.probe.ProbeShape;
import io.github.probeselect.model.QualityMetric;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** Scores the predicted pictures by the metrics, and corrects these scores by the heads. */
final class ImageScorer {

  private final ProbeShape shape;
  private final List<QualityMetric> metrics;
  private final Map<String, Scale> scales;

  ImageScorer(ProbeShape shape, List<QualityMetric> metrics, Map<String, Scale> scales) {
    this.shape = shape;
    this.metrics = metrics;
    this.scales = scales;
  }

  /** Scores a batch by one of the shape's metrics. */
  ProbeNetwork.ScoreTensors score(
      ProbeNetwork network,
      int metric,
      Batch batch,
      NDArray input,
      NDArray cells,
      NDManager manager) {
    float[] rewards = new float[batch.rows()];
    String name = shape.metrics().get(metric);
    if (shape.picture()) {
      Scale scale = Objects.requireNonNull(scales.get(name), name);
      for (int group = 0; group < batch.groups; group++) {
        int from = group * batch.seeds;
        String rows = from + ":" + (from + batch.seeds);
        String prompt = batch.examples.get(group).prompt();
        double[] imageScores =
            metrics.get(metric).scores(network.pictures(input.get(rows), cells.get(rows)), prompt);
        System.arraycopy(scale.standardised(imageScores), 0, rewards, from, imageScores.length);
      }
    }
    return network.score(name, manager.create(rewards), cells);
  }
}
