package io.github.probeselect.djl.training;

import ai.djl.ndarray.NDManager;
import io.github.probeselect.djl.network.ProbeNetwork;
import io.github.probeselect.image.RgbImage;
import io.github.probeselect.model.QualityMetric;
import java.util.IdentityHashMap;
import java.util.List;

/**
 * What the metric says of the pictures that a trained trunk predicts, standardised; one row per
 * candidate.
 */
final class PictureRewards {

  private final IdentityHashMap<Example, float[]> rewards = new IdentityHashMap<>();

  PictureRewards(
      Dataset dataset,
      ProbeNetwork network,
      QualityMetric metric,
      RewardScale scale,
      NDManager manager) {
    for (int index = 0; index < dataset.prompts(); index++) {
      try (NDManager local = manager.newSubManager()) {
        Batch batch = new Batch(dataset, List.of(index), scale, local);
        Example example = batch.examples.get(0);
        List<RgbImage> pictures = network.pictures(network.cells(batch.grid, batch.fraction));
        double[] scores = metric.scores(pictures, example.prompt());
        float[] values = new float[batch.seeds];
        for (int seed = 0; seed < values.length; seed++) {
          values[seed] = scale.standardised(scores[seed]);
        }
        rewards.put(example, values);
      }
    }
  }

  /** The rewards of a batch's candidates, in the order of its rows. */
  float[] of(Batch batch) {
    float[] all = new float[batch.rows()];
    for (int group = 0; group < batch.groups; group++) {
      float[] values = rewards.getOrDefault(batch.examples.get(group), new float[batch.seeds]);
      System.arraycopy(values, 0, all, group * batch.seeds, batch.seeds);
    }
    return all;
  }
}
