package io.github.probeselect.djl.training;

import static io.github.probeselect.djl.training.RedPictures.RED;
import static io.github.probeselect.djl.training.RedPictures.data;
import static io.github.probeselect.djl.training.RedPictures.previews;
import static io.github.probeselect.djl.training.RedPictures.shape;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.probeselect.bundle.BundleManifest;
import io.github.probeselect.djl.DeviceWorker;
import io.github.probeselect.djl.probe.ProbeShape;
import io.github.probeselect.djl.training.TrainingSettings.Terms;
import io.github.probeselect.error.InvalidDatasetException;
import io.github.probeselect.error.InvalidProbeException;
import io.github.probeselect.error.InvalidRequestException;
import io.github.probeselect.evaluation.SelectionReport;
import io.github.probeselect.testing.FakeBundle;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProbeTrainerTest {

  private static final TrainingSettings SETTINGS =
      new TrainingSettings(3, 20, 6, 20, 8, 3e-3, 0.01, 0.9, new Terms(1, 1, 0, 0.002), 5);

  private static final ProbeTrainer.Progress SILENT = (part, epoch, of, loss, spearman) -> {};

  @TempDir Path directory;

  @Test
  void itLearnsToPredictThePictureAndRanksTheSeedsOfNewPrompts() {
    try (TrainedProbe probe = train(SETTINGS, data("t", 96, 1), data("v", 40, 2))) {
      assertThat(probe.validationSpearman()).isGreaterThan(0.8);
    }
  }

  @Test
  void withoutAPictureItLearnsByThePublishedLosses() {
    TrainingSettings published =
        new TrainingSettings(0, 0, 30, 30, 8, 3e-3, 0.01, 0.9, new Terms(1, 1, 1, 0.1), 5);
    ProbeShape shape = shape(false);
    try (TrainedProbe probe =
        new ProbeTrainer(
                data(shape, "t", 96, 1),
                data(shape, "v", 40, 2),
                Previews.none(),
                List.of(),
                published,
                DeviceWorker.cpu())
            .train(SILENT)) {
      assertThat(probe.validationSpearman()).isGreaterThan(0.8);
    }
  }

  @Test
  void itsDecoderLearnsWhatTheModelsDecoderMakes() {
    List<Double> losses = new ArrayList<>();

    try (TrainedProbe probe =
        trainer(SETTINGS.withEpochs(9, 0, 0), data("t", 16, 1), data("v", 16, 2))
            .train((part, epoch, of, loss, spearman) -> losses.add(loss))) {
      assertThat(losses).hasSize(9);
      assertThat(losses.get(8)).isLessThan(losses.get(0) / 3);
    }
  }

  @Test
  void itSelectsBetweenOtherPromptsSeedsAsItWasValidated() {
    TrainingData validation = data("v", 40, 2);

    try (TrainedProbe probe = train(SETTINGS.withEpochs(2, 4, 2), data("t", 96, 1), validation)) {
      SelectionReport report = probe.selection(validation, 1, 0);

      assertThat(report.withinPromptSpearman().value())
          .isEqualTo(probe.validationSpearman(), within(1e-9));
      assertThat(report.capturedGain().value()).isBetween(0.5, 1.0);
    }
  }

  @Test
  void whatAnotherProbeLearnedIsTakenOver() throws IOException {
    Path file;
    try (TrainedProbe first = train(SETTINGS, data("t", 96, 1), data("v", 40, 2))) {
      file = first.write(directory, FakeBundle.manifest(), Map.of());
    }
    ProbeTrainer untrained =
        trainer(SETTINGS.withEpochs(0, 0, 0), data("u", 8, 3), data("w", 40, 4));

    try (TrainedProbe second = untrained.trainFrom(file, SILENT)) {
      assertThat(second.validationSpearman()).isGreaterThan(0.8);
    }
  }

  @Test
  void aProbeThatIsNotThereIsNamed() {
    Path missing = directory.resolve("probe.json");

    assertThatThrownBy(
            () -> trainer(SETTINGS, data("t", 8, 1), data("v", 4, 2)).trainFrom(missing, SILENT))
        .isInstanceOf(InvalidProbeException.class)
        .hasMessageContaining(missing.toString());
  }

  @Test
  void theWeightsWithTheBestValidationAreKept() {
    List<Double> seen = new ArrayList<>();

    try (TrainedProbe probe =
        trainer(SETTINGS, data("t", 48, 1), data("v", 40, 2))
            .train((part, epoch, of, loss, spearman) -> seen.add(spearman))) {
      assertThat(seen)
          .hasSize(SETTINGS.previewEpochs() + SETTINGS.pictureEpochs() + SETTINGS.rankingEpochs());
      assertThat(probe.validationSpearman()).isEqualTo(Collections.max(seen));
    }
  }

  /** Were it told on the device's thread, nothing that it waits for could use the device. */
  @Test
  void whoIsToldOfTheProgressMayWaitForOthersThatUseTheDevice() {
    List<Thread> threads = new ArrayList<>();

    try (TrainedProbe probe =
        trainer(SETTINGS.withEpochs(1, 1, 1), data("t", 8, 1), data("v", 8, 2))
            .train(
                (part, epoch, of, loss, spearman) -> {
                  threads.add(Thread.currentThread());
                  assertThat(
                          CompletableFuture.supplyAsync(() -> DeviceWorker.cpu().call(() -> 7))
                              .orTimeout(60, TimeUnit.SECONDS)
                              .join())
                      .isEqualTo(7);
                })) {
      assertThat(threads).hasSize(3).containsOnly(Thread.currentThread());
      assertThat(probe.validationSpearman()).isFinite();
    }
  }

  @Test
  void aPartThatDoesNotHelpEndsEarly() {
    List<String> epochs = new ArrayList<>();
    TrainingSettings still =
        new TrainingSettings(9, 9, 9, 2, 8, 0, 0, 0.9, new Terms(1, 1, 0, 0), 5);

    try (TrainedProbe probe =
        trainer(still, data("t", 16, 1), data("v", 16, 2))
            .train((part, epoch, of, loss, spearman) -> epochs.add(part + " " + epoch))) {
      assertThat(epochs)
          .containsExactly(
              "preview 1", "preview 2", "picture 1", "picture 2", "ranking 1", "ranking 2");
    }
  }

  @Test
  void twoTrainingsWithOneSeedGiveTheSameProbe() throws IOException {
    Path first = directory.resolve("first");
    Path second = directory.resolve("second");

    writeTrained(first, SETTINGS.withEpochs(2, 2, 2));
    writeTrained(second, SETTINGS.withEpochs(2, 2, 2));

    assertThat(second.resolve("probe.safetensors"))
        .hasSameBinaryContentAs(first.resolve("probe.safetensors"));
  }

  @Test
  void aPromptInBothSetsIsRefused() {
    assertThatThrownBy(() -> train(SETTINGS, data("t", 8, 1), data("t", 4, 2)))
        .isInstanceOf(InvalidDatasetException.class)
        .hasMessageContaining("'t 0' is in the training and the validation set");
  }

  @Test
  void setsOfDifferentShapesAreRefused() {
    assertThatThrownBy(() -> train(SETTINGS, data("t", 8, 1), data(shape(false), "v", 4, 2)))
        .isInstanceOf(InvalidDatasetException.class)
        .hasMessageContaining("different shapes");
  }

  @Test
  void aMetricThatCannotJudgePicturesIsMissed() {
    assertThatThrownBy(
            () ->
                new ProbeTrainer(
                    data("t", 8, 1),
                    data("v", 4, 2),
                    previews(),
                    List.of(),
                    SETTINGS,
                    DeviceWorker.cpu()))
        .isInstanceOf(InvalidRequestException.class)
        .hasMessageContaining("[brightness]");
  }

  private void writeTrained(Path to, TrainingSettings settings) throws IOException {
    BundleManifest manifest = FakeBundle.manifest();
    try (TrainedProbe probe = train(settings, data("t", 24, 1), data("v", 8, 2))) {
      probe.write(to, manifest, Map.of());
    }
  }

  private static TrainedProbe train(
      TrainingSettings settings, TrainingData training, TrainingData validation) {
    return trainer(settings, training, validation).train(SILENT);
  }

  private static ProbeTrainer trainer(
      TrainingSettings settings, TrainingData training, TrainingData validation) {
    return new ProbeTrainer(
        training, validation, previews(), List.of(RED), settings, DeviceWorker.cpu());
  }
}
