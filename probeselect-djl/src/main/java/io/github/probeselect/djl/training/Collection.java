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

  /**
   * Scores every finished image under its own prompt and under similar ones, which are found among
   * all prompts given.
   *
   * @param neighbours how many similar prompts
   * @param progress told after every prompt
   */
  public Dataset rewarded(
      Pipeline pipeline,
      QualityMetric metric,
      List<String> prompts,
      int neighbours,
      Collector.Progress progress) {
    Neighbours nearest = new Neighbours(prompts);
    List<Example> examples = new ArrayList<>();
    for (Recording recording : recordings) {
      List<String> judged = new ArrayList<>(List.of(recording.prompt()));
      judged.addAll(nearest.of(recording.prompt(), neighbours));
      List<float[]> embeddings = judged.stream().map(text -> embedding(pipeline, text)).toList();
      List<Example.Seed> seeds =
          recording.candidates().stream().map(seed -> rewarded(seed, metric, judged)).toList();
      examples.add(new Example(recording.prompt(), embeddings, seeds));
      progress.done(examples.size(), recordings.size());
    }
    return new Dataset(examples, metric.name(), fraction, shape, key);
  }

  private Example.Seed rewarded(Recording.Seed seed, QualityMetric metric, List<String> judged) {
    float[] rewards = new float[judged.size()];
    for (int i = 0; i < rewards.length; i++) {
      rewards[i] = (float) metric.score(seed.image(), judged.get(i));
    }
    return new Example.Seed(seed.seed(), seed.grid(), target(seed.image()), rewards);
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
