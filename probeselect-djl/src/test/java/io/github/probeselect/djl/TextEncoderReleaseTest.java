package io.github.probeselect.djl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.engine.EngineException;
import io.github.probeselect.GenerationRequest;
import io.github.probeselect.GenerationResult;
import io.github.probeselect.KeptImage;
import io.github.probeselect.Pipeline;
import io.github.probeselect.error.DeviceMemoryException;
import io.github.probeselect.error.InvalidBundleException;
import io.github.probeselect.image.RgbImage;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A text encoder whose memory is released between prompts. */
class TextEncoderReleaseTest {

  @TempDir private Path directory;

  @Test
  void comesBackForTheNextPrompt() {
    List<RgbImage> expected = images(DefaultModel.request(DefaultModel.pipeline()));
    try (Pipeline pipeline = new Pipeline(DefaultModel.open())) {
      int loaded = NativeResources.open();

      assertThat(pipeline.model().releaseTextEncoder()).isTrue();
      assertThat(NativeResources.open()).as("native resources").isLessThan(loaded);
      assertThat(pipeline.model().releaseTextEncoder()).as("released again").isFalse();
      assertThat(images(DefaultModel.request(pipeline))).isEqualTo(expected);
      assertThat(NativeResources.open()).as("native resources").isEqualTo(loaded);
    }
  }

  @Test
  void aFileThatHasChangedMeanwhileIsRefused() throws Exception {
    try (Pipeline pipeline = new Pipeline(ChangedBundle.in(directory).model())) {
      Path file = directory.resolve(pipeline.manifest().textEncoder().file());
      pipeline.model().releaseTextEncoder();
      Files.setLastModifiedTime(file, FileTime.fromMillis(0));

      assertThatThrownBy(() -> DefaultModel.request(pipeline).generate())
          .isInstanceOf(InvalidBundleException.class)
          .hasMessageContaining("has changed since it was opened");
    }
  }

  @Test
  void isReleasedWhenASingleCandidateDoesNotFit() {
    try (NativeArena arena = NativeArena.open("the model", DeviceWorker.cpu())) {
      AtomicInteger calls = new AtomicInteger();
      AtomicInteger releases = new AtomicInteger();
      arena.reliefBy(() -> releases.incrementAndGet() == 1);

      assertThat(arena.<Integer>call(1, "denoising", temporary -> fitsAfter(2, calls)))
          .isEqualTo(2);
      assertThat(releases).hasValue(1);

      calls.set(0);
      assertThatThrownBy(() -> arena.call(1, "denoising", temporary -> fitsAfter(9, calls)))
          .isInstanceOf(DeviceMemoryException.class);
      assertThat(calls).as("calls when nothing is left to release").hasValue(1);
    }
  }

  @Test
  void staysWhileFewerCandidatesMayFit() {
    try (NativeArena arena = NativeArena.open("the model", DeviceWorker.cpu())) {
      AtomicInteger calls = new AtomicInteger();
      arena.reliefBy(
          () -> {
            throw new AssertionError("released");
          });

      assertThatThrownBy(() -> arena.call(2, "denoising", temporary -> fitsAfter(2, calls)))
          .isInstanceOf(DeviceMemoryException.class);
    }
  }

  private static int fitsAfter(int needed, AtomicInteger calls) {
    if (calls.incrementAndGet() < needed) {
      throw new EngineException("CUDA out of memory. Tried to allocate 20.00 MiB.");
    }
    return calls.get();
  }

  private static List<RgbImage> images(GenerationRequest request) {
    GenerationResult result = request.generate();
    return result.images().stream().map(KeptImage::image).toList();
  }
}
