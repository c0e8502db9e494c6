package io.github.probeselect.djl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.github.probeselect.Generation;
import io.github.probeselect.GenerationResult;
import io.github.probeselect.KeptImage;
import io.github.probeselect.Pipeline;
import io.github.probeselect.ProbeSelect;
import io.github.probeselect.error.BackendException;
import io.github.probeselect.image.RgbImage;
import io.github.probeselect.model.Backend.Device;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Devices with PyTorch, on a machine without a GPU. */
class DevicesTest {

  @TempDir Path directory;

  private static boolean hasGpu() {
    return new DjlBackend()
        .devices().stream().anyMatch(device -> device.type() == Device.Type.CUDA);
  }

  private static List<RgbImage> images(GenerationResult result) {
    return result.images().stream().map(KeptImage::image).toList();
  }

  private static GenerationResult generated(Pipeline pipeline) {
    return DefaultModel.request(pipeline).candidates(4).keep(2).generate();
  }

  @Test
  void theCpuIsAlwaysThere() {
    assertThat(new DjlBackend().devices()).startsWith(Device.CPU).doesNotHaveDuplicates();
  }

  @Test
  void cudaWithoutAGpuIsRefusedWithTheRemedy() {
    assumeThat(hasGpu()).isFalse();
    assertThatExceptionOfType(BackendException.class)
        .isThrownBy(
            () -> ProbeSelect.openDefault(Pipeline.Options.defaults().device("cuda")).close())
        .withMessageContaining("'cuda' was asked for")
        .withMessageContaining("probeselect-tools doctor");
  }

  @Test
  void aBundleForCudaIsRefusedOnACpuMachine() {
    assumeThat(hasGpu()).isFalse();
    ChangedBundle.in(directory).manifest(manifest -> manifest.put("device", "cuda"));
    assertThatExceptionOfType(BackendException.class)
        .isThrownBy(() -> ProbeSelect.open(directory).close())
        .withMessageContaining("was exported for CUDA")
        .withMessageContaining("probeselect-tools doctor");
  }

  @Test
  void aBundleForEveryDeviceRunsOnTheCpu() {
    ChangedBundle.in(directory).manifest(manifest -> manifest.put("device", "any"));
    try (Pipeline pipeline =
        ProbeSelect.open(directory, Pipeline.Options.defaults().device("cpu"))) {
      GenerationResult result = generated(pipeline);
      assertThat(result.settings().device()).isEqualTo("cpu");
      assertThat(images(result)).isEqualTo(images(generated(DefaultModel.pipeline())));
    }
  }

  @Test
  void twoModelsInAPoolMakeTheImagesOfOneBitForBit() {
    List<RgbImage> expected = images(generated(DefaultModel.pipeline()));
    try (Pipeline pool =
        new Pipeline(List.of(DefaultModel.open(), DefaultModel.open()), Optional.empty())) {
      List<Generation> together =
          Stream.generate(() -> DefaultModel.request(pool).candidates(4).keep(2).start())
              .limit(4)
              .toList();
      for (Generation generation : together) {
        assertThat(images(generation.join())).isEqualTo(expected);
      }
    }
  }

  @Test
  void closingOnePipelineLeavesAnotherOnTheSameDeviceAlone() {
    List<RgbImage> expected = images(generated(DefaultModel.pipeline()));
    Pipeline closed = ProbeSelect.openDefault();
    try (Pipeline open = ProbeSelect.openDefault(Pipeline.Options.defaults().device("cpu"))) {
      Generation running = DefaultModel.request(open).candidates(4).keep(2).start();
      closed.close();
      assertThat(images(running.join())).isEqualTo(expected);
      assertThat(images(generated(open))).isEqualTo(expected);
    }
  }
}
