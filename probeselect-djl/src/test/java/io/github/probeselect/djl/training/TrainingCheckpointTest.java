package io.github.probeselect.djl.training;

import static io.github.probeselect.djl.training.RedPictures.RED;
import static io.github.probeselect.djl.training.RedPictures.data;
import static io.github.probeselect.djl.training.RedPictures.previews;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.probeselect.djl.DeviceWorker;
import io.github.probeselect.djl.training.TrainingSettings.Terms;
import io.github.probeselect.error.InvalidProbeException;
import io.github.probeselect.error.InvalidRequestException;
import io.github.probeselect.testing.FakeBundle;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Trainings that are interrupted and go on. */
class TrainingCheckpointTest {

  private static final TrainingSettings SETTINGS =
      new TrainingSettings(2, 3, 2, 20, 8, 3e-3, 0.01, 0.9, new Terms(1, 1, 0, 0.002), 5);

  @TempDir Path directory;

  private static final class Interruption extends RuntimeException {
    private static final long serialVersionUID = 1;
  }

  private static ProbeTrainer trainer(TrainingSettings settings) {
    return new ProbeTrainer(
        data("t", 24, 1), data("v", 8, 2), previews(), List.of(RED), settings, DeviceWorker.cpu());
  }

  private Path checkpoint() {
    return directory.resolve("training.checkpoint");
  }

  /** Interrupts a training once that many epochs have been reported. */
  private void interrupted(int epochs) {
    List<String> told = new ArrayList<>();
    assertThatThrownBy(
            () ->
                trainer(SETTINGS)
                    .withCheckpoint(checkpoint())
                    .train(
                        (part, epoch, of, loss, spearman) -> {
                          told.add(part);
                          if (told.size() == epochs) {
                            throw new Interruption();
                          }
                        }))
        .isInstanceOf(Interruption.class);
  }

  private Path written(String name, TrainedProbe probe) throws IOException {
    Path to = directory.resolve(name);
    probe.write(to, FakeBundle.manifest(), Map.of());
    return to.resolve("probe.safetensors");
  }

  /** In each part, at its begin, and after the last epoch. */
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 4, 7})
  void aTrainingThatWentOnGivesTheProbeOfOneThatWasNotInterrupted(int epochs) throws IOException {
    Path whole;
    try (TrainedProbe probe = trainer(SETTINGS).train((part, epoch, of, loss, spearman) -> {})) {
      whole = written("whole", probe);
    }
    interrupted(epochs);

    List<String> told = new ArrayList<>();
    try (TrainedProbe probe =
        trainer(SETTINGS)
            .withCheckpoint(checkpoint())
            .train((part, epoch, of, loss, spearman) -> told.add(part + " " + epoch))) {
      assertThat(written("resumed", probe)).hasSameBinaryContentAs(whole);
    }
    assertThat(told)
        .isEqualTo(
            List.of(
                    "preview 1",
                    "preview 2",
                    "picture 1",
                    "picture 2",
                    "picture 3",
                    "ranking 1",
                    "ranking 2")
                .subList(epochs, 7));
  }

  @Test
  void theCheckpointOfOtherSettingsIsRefused() {
    interrupted(3);

    assertThatThrownBy(
            () ->
                trainer(SETTINGS.withEpochs(2, 4, 2))
                    .withCheckpoint(checkpoint())
                    .train((part, epoch, of, loss, spearman) -> {}))
        .isInstanceOf(InvalidRequestException.class)
        .hasMessageContaining("another training: settings was")
        .hasMessageContaining("pictureEpochs=3")
        .hasMessageContaining("pictureEpochs=4")
        .hasMessageContaining("delete it");
  }

  @Test
  void aTornCheckpointIsRefusedAndNamed() throws IOException {
    interrupted(3);
    byte[] bytes = Files.readAllBytes(checkpoint());
    Files.write(checkpoint(), Arrays.copyOf(bytes, bytes.length / 2));

    assertThatThrownBy(
            () ->
                trainer(SETTINGS)
                    .withCheckpoint(checkpoint())
                    .train((part, epoch, of, loss, spearman) -> {}))
        .isInstanceOf(InvalidProbeException.class)
        .hasMessageContaining(checkpoint().toString())
        .hasMessageContaining("delete it");
  }

  @Test
  void aGeneratorIsPutWhereAnotherWas() {
    long seed = System.nanoTime();
    CountedRandom first = new CountedRandom(seed);
    Random plain = new Random(seed);
    for (int i = 1; i < 50; i++) {
      assertThat(first.nextInt(i)).as("seed %d", seed).isEqualTo(plain.nextInt(i));
      assertThat(first.ints(3, 0, i).toArray())
          .as("seed %d", seed)
          .isEqualTo(plain.ints(3, 0, i).toArray());
    }
    CountedRandom second = new CountedRandom(seed);

    second.advanceTo(first.drawn());

    assertThat(second.nextLong()).as("seed %d", seed).isEqualTo(plain.nextLong());
  }
}
