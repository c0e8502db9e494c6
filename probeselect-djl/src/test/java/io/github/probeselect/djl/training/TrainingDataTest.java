package io.github.probeselect.djl.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.probeselect.Pipeline;
import io.github.probeselect.bundle.BundleManifest;
import io.github.probeselect.bundle.BundleManifest.Tap;
import io.github.probeselect.dataset.CollectionSettings;
import io.github.probeselect.dataset.Collector;
import io.github.probeselect.dataset.Collector.Part;
import io.github.probeselect.dataset.Dataset;
import io.github.probeselect.djl.network.ProbeFile;
import io.github.probeselect.djl.probe.ProbeInputs;
import io.github.probeselect.djl.probe.ProbeShape;
import io.github.probeselect.error.InvalidDatasetException;
import io.github.probeselect.model.QualityMetric;
import io.github.probeselect.testing.FakeBundle;
import io.github.probeselect.testing.FakeModel;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TrainingDataTest {

  private static final List<String> PROMPTS = List.of("a cat", "two cats", "three cats");
  private static final Consumer<ObjectNode> ONE_GRID =
      manifest -> ((ObjectNode) manifest.at("/taps/0")).putArray("grid").add(2).add(2);
  private static final BundleManifest BUNDLE = FakeBundle.manifest(ONE_GRID);

  @TempDir Path directory;

  @Test
  void itHoldsWhatAProbeReadsAndPredicts() throws IOException {
    Dataset dataset = collect(QualityMetric.of("red", (image, prompt) -> image.red(0, 0)));

    TrainingData data = load(dataset, List.of(0.4, 0.1));

    assertThat(data.fractions()).containsExactly(0.4, 0.1);
    assertThat(data.prompts()).isEqualTo(3);
    dataset.forEach(
        recorded -> {
          Example example = data.examples().get(recorded.index());
          assertThat(example.prompt()).isEqualTo(recorded.prompt());
          assertThat(example.embedding()).isEqualTo(recorded.embedding());
          for (int j = 0; j < 2; j++) {
            Example.Seed seed = example.candidates().get(j);
            assertThat(seed.seed()).isEqualTo(recorded.seed(j));
            assertThat(seed.scores()).containsExactly(recorded.score(j, "red"));
            Tap second = BUNDLE.taps().get(1);
            float[] activation = recorded.activation(j, 0, second);
            assertThat(seed.grids().get(1)).as("the second tap at 0.1").contains(activation);
            assertThat(seed.target()).hasSize(3 * 16 * 16);
          }
        });
  }

  @Test
  void scoresAreScaledByTheirMeanAndDeviation() throws IOException {
    Dataset dataset =
        collect(QualityMetric.of("red", (image, prompt) -> PROMPTS.indexOf(prompt) * 3));

    ProbeFile.Scale scale = load(dataset, List.of(0.4)).scales().get("red");

    assertThat(scale.mean()).isEqualTo(3);
    assertThat(scale.standardised(6)).isEqualTo(3 / Math.sqrt(6));
    assertThat(scale.restored(scale.standardised(6))).isEqualTo(6);
  }

  @Test
  void aDatasetOfAnotherBundleIsRefused() throws IOException {
    Dataset dataset = collect(QualityMetric.of("red", (image, prompt) -> 1));
    BundleManifest other =
        FakeBundle.manifest(
            ONE_GRID.andThen(
                manifest ->
                    manifest.withObject("/files/denoiser.pt").put("sha256", "beef".repeat(16))));

    assertRefused(() -> load(dataset, other, List.of(0.4)), "beef", "was collected with");
  }

  @Test
  void aTapThatWasNotCollectedIsNamed() throws IOException {
    Dataset dataset = collect(QualityMetric.of("red", (image, prompt) -> 1));
    ProbeShape shape =
        new ProbeShape(
            new ProbeInputs(List.of(new Tap("down_blocks.7", 4, 2, 2)), 4, 12, 4),
            List.of("red"),
            8,
            2,
            1,
            true);

    assertRefused(() -> TrainingData.load(dataset, BUNDLE, shape, List.of(0.4)), "down_blocks.7");
  }

  @Test
  void aMissingMetricIsNamed() throws IOException {
    Dataset dataset = collect(QualityMetric.of("blue", (image, prompt) -> 1));

    assertRefused(() -> load(dataset, List.of(0.4)), "metric red", "[blue]");
  }

  @Test
  void aFractionThatWasNotObservedIsNamed() throws IOException {
    Dataset dataset = collect(QualityMetric.of("red", (image, prompt) -> 1));

    assertRefused(() -> load(dataset, List.of(0.7)), "0.7", "steps [1, 4] of 10");
  }

  @Test
  void aScoreThatIsNotANumberIsNamed() throws IOException {
    Dataset dataset =
        collect(
            QualityMetric.of("red", (image, prompt) -> prompt.equals("two cats") ? Double.NaN : 1));

    assertRefused(() -> load(dataset, List.of(0.4)), "seed 2 of 'two cats' is NaN");
  }

  private static void assertRefused(ThrowingCallable call, String... says) {
    assertThatExceptionOfType(InvalidDatasetException.class)
        .isThrownBy(call)
        .withMessageContainingAll(says);
  }

  private static TrainingData load(Dataset dataset, List<Double> fractions) {
    return load(dataset, BUNDLE, fractions);
  }

  private static TrainingData load(Dataset dataset, BundleManifest bundle, List<Double> fractions) {
    ProbeShape shape = ProbeShape.of(bundle, List.of("red"), 8, 2, 1, true);
    return TrainingData.load(dataset, bundle, shape, fractions);
  }

  private Dataset collect(QualityMetric metric) throws IOException {
    try (Pipeline pipeline = new Pipeline(new FakeModel(BUNDLE))) {
      return new Collector(pipeline, CollectionSettings.of(List.of(0.1, 0.4), 2), List.of(metric))
          .collect(PROMPTS, directory, Part.WHOLE, (done, of) -> {});
    }
  }
}
