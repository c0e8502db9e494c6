package io.github.probeselect.djl.training;

import io.github.probeselect.Pipeline;
import io.github.probeselect.djl.network.Folding;
import io.github.probeselect.djl.network.ProbeShape;
import io.github.probeselect.image.RgbImage;
import io.github.probeselect.model.Conditioning;
import io.github.probeselect.model.QualityMetric;
import java.util.ArrayList;
import java.util.List;

/** What was collected for one bundle and fraction. Immutable. */
public final class Collection {

  private final List<Recording> recordings;
  private final double fraction;
  private final ProbeShape shape;
  private final String key;

  Collection(List<Recording> recordings, double fraction, ProbeShape shape, String key) {
    this.recordings = List.copyOf(recordings);
    this.fraction = fraction;
    this.shape = shape;
    this.key = key;
  }

  /** Scores every finished image, and encodes every prompt, for a probe to learn from. */
  public Dataset rewarded(Pipeline pipeline, QualityMetric metric) {
    List<Example> examples = new ArrayList<>();
    for (Recording recording : recordings) {
      String prompt = recording.prompt();
      List<Example.Seed> seeds =
          recording.candidates().stream()
              .map(
                  seed ->
                      new Example.Seed(
                          seed.seed(),
                          seed.grid(),
                          target(seed.image()),
                          metric.score(seed.image(), prompt)))
              .toList();
      examples.add(new Example(prompt, embedding(pipeline, prompt), seeds));
    }
    return new Dataset(examples, metric.name(), fraction, shape, key);
  }

  private float[] target(RgbImage image) {
    return Folding.fold(
        image.toPlanes(),
        3,
        image.height(),
        image.width(),
        shape.gridHeight(),
        shape.gridWidth(),
        ProbeShape.TARGET_FOLD);
  }

  private static float[] embedding(Pipeline pipeline, String prompt) {
    try (Conditioning conditioning = pipeline.model().encode(prompt, "")) {
      return conditioning.promptEmbedding();
    }
  }
}
