package io.github.probeselect.djl.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.probeselect.bundle.BundleManifest;
import io.github.probeselect.bundle.Tap;
import io.github.probeselect.djl.DeviceWorker;
import io.github.probeselect.djl.network.ProbeShape;
import io.github.probeselect.error.InvalidRequestException;
import io.github.probeselect.model.QualityMetric;
import io.github.probeselect.testing.FakeBundle;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProbeTrainerTest {

  private static final ProbeShape SHAPE =
      new ProbeShape(List.of(new Tap("mid_block", 4, 2, 2)), 1, 3, 4, 8, 2, 1);
  private static final TrainingSettings SETTINGS =
      new TrainingSettings(20, 6, 8, 3e-3, 0.01, 0.9, 0.002, 5);

  /** Judges a picture by its red. */
  private static final QualityMetric RED =
      QualityMetric.of("brightness", (image, prompt) -> image.red(0, 0) / 255.0);

  @TempDir Path directory;

  @Test
  void itLearnsToPredictThePictureAndRanksTheSeedsOfNewPrompts() {
    try (TrainedProbe probe = train(SETTINGS, dataset("t", 96, 1), dataset("v", 40, 2))) {
      assertThat(probe.validationSpearman()).isGreaterThan(0.8);
    }
  }

  @Test
  void rankingStartsFromWhatTheMetricSaysOfThePredictedPictureAndNeverEndsBelow() {
    List<Double> ranking = new ArrayList<>();

    try (TrainedProbe probe =
        trainer(SETTINGS, dataset("t", 48, 1), dataset("v", 40, 2))
            .train(
                (part, epoch, of, loss, validation) -> {
                  if (part.equals("ranking")) {
                    ranking.add(validation);
                  }
                })) {
      assertThat(ranking).hasSize(SETTINGS.rankingEpochs() + 1);
      assertThat(probe.validationSpearman()).isEqualTo(Collections.max(ranking));
    }
  }

  @Test
  void twoTrainingsWithOneSeedGiveTheSameProbe() throws IOException {
    Path first = directory.resolve("first");
    Path second = directory.resolve("second");

    writeTrained(first, SETTINGS.withEpochs(2, 2));
    writeTrained(second, SETTINGS.withEpochs(2, 2));

    assertThat(second.resolve("probe.safetensors"))
        .hasSameBinaryContentAs(first.resolve("probe.safetensors"));
  }

  @Test
  void aPromptInBothSetsIsRefused() {
    assertThatThrownBy(() -> train(SETTINGS, dataset("t", 8, 1), dataset("t", 4, 2)))
        .isInstanceOf(InvalidRequestException.class)
        .hasMessageContaining("'t 0' is in the training and the validation set");
  }

  @Test
  void aRewardThatIsNotANumberIsRefused() {
    List<Example> examples = new ArrayList<>(dataset("t", 8, 1).examples());
    Example.Seed good = examples.get(3).candidates().get(0);
    Example.Seed bad = new Example.Seed(1, good.grid(), good.target(), Double.NaN);
    examples.set(3, new Example("t 3", examples.get(3).embedding(), List.of(good, bad)));
    Dataset broken = new Dataset(examples, "brightness", 0.2, SHAPE, "broken");

    assertThatThrownBy(() -> train(SETTINGS, broken, dataset("v", 4, 2)))
        .isInstanceOf(InvalidRequestException.class)
        .hasMessageContaining("seed 1 for 't 3'");
  }

  private void writeTrained(Path to, TrainingSettings settings) throws IOException {
    BundleManifest manifest = FakeBundle.manifest();
    Dataset training = dataset("t", 24, 1);
    try (TrainedProbe probe = train(settings, training, dataset("v", 8, 2))) {
      probe.write(to, training, manifest, Map.of());
    }
  }

  private static TrainedProbe train(
      TrainingSettings settings, Dataset training, Dataset validation) {
    return trainer(settings, training, validation).train((part, epoch, of, loss, validated) -> {});
  }

  private static ProbeTrainer trainer(
      TrainingSettings settings, Dataset training, Dataset validation) {
    return new ProbeTrainer(training, validation, RED, settings, DeviceWorker.cpu());
  }

  /** Finished pictures whose red is what one channel of the tap says; the reward is that red. */
  private static Dataset dataset(String name, int prompts, long seed) {
    Random random = new Random(seed);
    List<Example> examples = new ArrayList<>();
    for (int prompt = 0; prompt < prompts; prompt++) {
      List<Example.Seed> seeds = new ArrayList<>();
      for (int candidate = 0; candidate < 4; candidate++) {
        float red = random.nextFloat();
        float[] grid = gaussian(random, SHAPE.inputChannels() * SHAPE.cells());
        Arrays.fill(grid, 0, SHAPE.cells(), 4 * red - 2);
        float[] target = new float[SHAPE.targetChannels() * SHAPE.cells()];
        Arrays.fill(target, 0, target.length / 3, red);
        seeds.add(new Example.Seed(candidate, grid, target, red));
      }
      int promptValues = SHAPE.promptTokens() * SHAPE.promptChannels();
      examples.add(new Example(name + " " + prompt, gaussian(random, promptValues), seeds));
    }
    return new Dataset(examples, "brightness", 0.2, SHAPE, name);
  }

  private static float[] gaussian(Random random, int count) {
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return values;
  }
}
