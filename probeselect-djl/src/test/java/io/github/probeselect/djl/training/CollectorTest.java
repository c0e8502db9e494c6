package io.github.probeselect.djl.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.probeselect.Pipeline;
import io.github.probeselect.djl.network.ProbeShape;
import io.github.probeselect.error.InvalidRequestException;
import io.github.probeselect.testing.FakeBundle;
import io.github.probeselect.testing.FakeModel;
import io.github.probeselect.testing.Stage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CollectorTest {

  private static final List<String> PROMPTS =
      IntStream.range(0, 60).mapToObj(i -> "picture number " + i).toList();

  @TempDir Path directory;

  @Test
  void aCollectionThatWasStoppedGoesOnAndEndsTheSameByteForByte() throws IOException {
    Path whole = directory.resolve("whole");
    Path stopped = directory.resolve("stopped");
    collect(model(), 60, whole);
    FakeModel failing =
        model()
            .at(
                Stage.ENCODE,
                40,
                () -> {
                  throw new IllegalStateException("the power went");
                });
    assertThatThrownBy(() -> collect(failing, 60, stopped)).hasMessage("the power went");

    FakeModel resumed = model();
    collect(resumed, 60, stopped);

    assertThat(resumed.calls(Stage.ENCODE)).as("only what was missing is run").isEqualTo(35);
    assertThat(files(stopped)).isEqualTo(files(whole));
    for (String name : files(whole)) {
      assertThat(stopped.resolve(name)).hasSameBinaryContentAs(whole.resolve(name));
    }
  }

  @Test
  void aDamagedShardIsNamed() throws IOException {
    collect(model(), 25, directory);
    Path shard = directory.resolve("shard-00000-00025.bin");
    byte[] bytes = Files.readAllBytes(shard);
    bytes[bytes.length / 2] ^= 1;
    Files.write(shard, bytes);

    assertThatThrownBy(() -> collect(model(), 25, directory))
        .isInstanceOf(InvalidRequestException.class)
        .hasMessageContaining("shard-00000-00025.bin is damaged");
  }

  @Test
  void aTruncatedShardIsNamed() throws IOException {
    collect(model(), 25, directory);
    Path shard = directory.resolve("shard-00000-00025.bin");
    byte[] bytes = Files.readAllBytes(shard);
    Files.write(shard, java.util.Arrays.copyOf(bytes, bytes.length - 100));

    assertThatThrownBy(() -> collect(model(), 25, directory))
        .isInstanceOf(InvalidRequestException.class)
        .hasMessageContaining("is damaged");
  }

  @Test
  void shardsOfAnotherModelAreRefused() throws IOException {
    collect(model(), 25, directory);
    FakeModel other =
        new FakeModel(
            FakeBundle.manifest(
                json -> {
                  CollectorTest.onOneGrid(json);
                  json.put("name", "other");
                }));

    assertThatThrownBy(() -> collect(other, 25, directory))
        .isInstanceOf(InvalidRequestException.class)
        .hasMessageContaining("was collected as")
        .hasMessageContaining("other");
  }

  @Test
  void tapsOnDifferentGridsAreRefused() {
    assertThatThrownBy(() -> Collector.shape(FakeBundle.manifest(), 8, 2, 1))
        .isInstanceOf(InvalidRequestException.class)
        .hasMessageContaining("taps on one grid");
  }

  private static FakeModel model() {
    return new FakeModel(FakeBundle.manifest(CollectorTest::onOneGrid));
  }

  private static void onOneGrid(com.fasterxml.jackson.databind.node.ObjectNode json) {
    json.withArray("taps").remove(1);
  }

  private static void collect(FakeModel model, int count, Path directory) throws IOException {
    try (Pipeline pipeline = new Pipeline(model)) {
      ProbeShape shape = Collector.shape(pipeline.manifest(), 8, 2, 1);
      new Collector(pipeline, shape, 0.2, 2).collect(PROMPTS, count, directory, (done, of) -> {});
    }
  }

  private static List<String> files(Path directory) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.endsWith(".bin"))
          .sorted()
          .toList();
    }
  }
}
