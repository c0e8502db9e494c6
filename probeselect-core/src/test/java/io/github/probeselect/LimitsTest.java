package io.github.probeselect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.probeselect.bundle.Bundle;
import io.github.probeselect.bundle.LatentShape;
import io.github.probeselect.error.InvalidBundleException;
import io.github.probeselect.error.InvalidRequestException;
import io.github.probeselect.image.RgbImage;
import io.github.probeselect.testing.FakeBundle;
import io.github.probeselect.testing.FakePipeline;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Numbers, names and sizes that are valid in their format but of no use, or the other way round.
 */
class LimitsTest {

  /** Stands for half a surrogate pair, which JSON can hold as an escape only. */
  private static final String HALF = "(half)";

  @RegisterExtension final FakePipeline fake = new FakePipeline();
  @TempDir Path directory;

  static Stream<Arguments> manifests() {
    return Stream.of(
        manifest("steps", json -> json.withObject("/defaults").put("steps", 10.5)),
        manifest("steps", json -> json.withObject("/defaults").put("steps", "10")),
        manifest(
            "steps",
            json -> json.withObject("/defaults").put("steps", BigInteger.ONE.shiftLeft(40))),
        manifest("format version 4294967297", json -> json.put("formatVersion", 4294967297L)),
        manifest("format version \"1\"", json -> json.put("formatVersion", "1")),
        manifest("name of the model contains a NUL", json -> json.put("name", "a\0")),
        manifest("name of the model contains half", json -> json.put("name", "a" + HALF)),
        manifest("name of the model is empty", json -> json.put("name", " ")),
        manifest("name", json -> json.put("name", 5)),
        manifest("name of a tap contains", json -> first(json, "taps").put("name", HALF)),
        manifest("name of a metric contains", json -> first(json, "metrics").put("name", "a\0")),
        manifest(
            "more values than an array",
            json -> {
              ArrayNode grid = first(json, "taps").putArray("grid");
              grid.add(65536).add(65536);
            }),
        manifest(
            "must be a range of multiples",
            json -> json.withObject("/latents").put("pixelsPerLatent", 65536).put("patch", 65536)));
  }

  private static Arguments manifest(String message, Consumer<ObjectNode> edit) {
    return arguments(message, edit);
  }

  private static ObjectNode first(ObjectNode json, String list) {
    return (ObjectNode) json.get(list).get(0);
  }

  @ParameterizedTest
  @MethodSource("manifests")
  void aManifestIsRefusedByWhatIsWrongWithIt(String message, Consumer<ObjectNode> edit)
      throws IOException {
    FakeBundle fake = FakeBundle.in(directory).editManifest(edit);
    String text = Files.readString(fake.file("manifest.json"));
    Path bundle = fake.writeManifest(text.replace(HALF, "\\ud83d")).directory();

    assertThatExceptionOfType(InvalidBundleException.class)
        .isThrownBy(() -> Bundle.open(bundle))
        .withMessageContaining(message);
  }

  @Test
  void wholeNumbersOfAManifestMayHaveAPoint() throws IOException {
    Path bundle =
        FakeBundle.in(directory)
            .editManifest(
                json -> {
                  json.put("formatVersion", 1.0);
                  json.withObject("/defaults").put("steps", 1e1);
                })
            .directory();

    assertThat(Bundle.open(bundle).manifest().defaults().steps()).isEqualTo(10);
  }

  @Test
  void sizesThatWouldOverflowAreRefused() {
    fake.with(manifest -> manifest.withObject("/size").put("max", Integer.MAX_VALUE));

    refused("2 GiB", () -> fake.request(1, 1).size(1 << 30, 1 << 30).generate());
    refused("2 GiB", () -> fake.request(1, 1).size(1 << 16, 1 << 16).generate());
    refused("2 GiB", () -> new LatentShape(1 << 30, 1 << 30, 1 << 30));
    refused("2 GiB", () -> new LatentShape(4, 1 << 15, 1 << 15));
    refused("positive size", () -> RgbImage.ofPlanes(-1, -1, new float[3]));
    refused("positive size", () -> RgbImage.ofPlanes(1 << 16, 1 << 16, new float[0]));
    refused("positive size", () -> RgbImage.of(1 << 30, 1 << 30, new byte[0]));
  }

  private static void refused(String message, ThrowingCallable call) {
    assertThatExceptionOfType(InvalidRequestException.class)
        .isThrownBy(call)
        .withMessageContaining(message);
  }
}
