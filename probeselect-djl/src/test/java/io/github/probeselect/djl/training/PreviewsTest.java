package io.github.probeselect.djl.training;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.probeselect.Pipeline;
import io.github.probeselect.bundle.BundleManifest;
import io.github.probeselect.dataset.CollectionSettings;
import io.github.probeselect.dataset.Collector;
import io.github.probeselect.dataset.Collector.Part;
import io.github.probeselect.dataset.Dataset;
import io.github.probeselect.djl.network.PixelUnshuffle;
import io.github.probeselect.djl.probe.ProbeShape;
import io.github.probeselect.model.QualityMetric;
import io.github.probeselect.testing.FakeBundle;
import io.github.probeselect.testing.FakeModel;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PreviewsTest {

  private static final BundleManifest BUNDLE =
      FakeBundle.manifest(
          manifest -> ((ObjectNode) manifest.at("/taps/0")).putArray("grid").add(2).add(2));
  private static final ProbeShape SHAPE = ProbeShape.of(BUNDLE, List.of("one"), 8, 2, 1, true);

  @TempDir Path directory;

  @Test
  void everyPredictionIsDecodedIfThereAreNotTooMany() throws IOException {
    try (Pipeline pipeline = new Pipeline(new FakeModel(BUNDLE))) {
      Dataset dataset = collect(pipeline);

      List<Previews.Pair> pairs = decode(dataset, pipeline, 100);

      List<byte[]> expected = new ArrayList<>();
      dataset.forEach(
          recorded -> {
            for (int i = 0; i < 4; i++) {
              float[] prediction = recorded.x0Prediction(i / 2, i % 2);
              expected.add(
                  PixelUnshuffle.picture(
                      pipeline.model().decode(prediction, recorded.header().latents()), SHAPE));
            }
          });
      assertThat(pairs).hasSize(12);
      for (int i = 0; i < 12; i++) {
        assertThat(pairs.get(i).picture()).isEqualTo(expected.get(i));
        assertThat(pairs.get(i).folded()).hasSize(SHAPE.inputs().foldedChannels() * SHAPE.cells());
      }
    }
  }

  @Test
  void someAreSpreadEvenlyOverAllPrompts() throws IOException {
    try (Pipeline pipeline = new Pipeline(new FakeModel(BUNDLE))) {
      Dataset dataset = collect(pipeline);

      List<Previews.Pair> all = decode(dataset, pipeline, 12);
      List<Previews.Pair> some = decode(dataset, pipeline, 3);

      assertThat(some).hasSize(3);
      assertThat(some).extracting(pair -> place(pair, all)).containsExactly(3, 7, 11);
    }
  }

  private static int place(Previews.Pair pair, List<Previews.Pair> all) {
    int place = 0;
    while (!Arrays.equals(all.get(place).folded(), pair.folded())) {
      place++;
    }
    return place;
  }

  private static List<Previews.Pair> decode(Dataset dataset, Pipeline pipeline, int count) {
    return Previews.decode(dataset, pipeline.model(), SHAPE, count).pairs();
  }

  /** Three prompts, two seeds, two observations. */
  private Dataset collect(Pipeline pipeline) throws IOException {
    QualityMetric one = QualityMetric.of("one", (image, prompt) -> 1);
    return new Collector(pipeline, CollectionSettings.of(List.of(0.1, 0.4), 2), List.of(one))
        .collect(
            List.of("a cat", "two cats", "three cats"), directory, Part.WHOLE, (done, of) -> {});
  }
}
