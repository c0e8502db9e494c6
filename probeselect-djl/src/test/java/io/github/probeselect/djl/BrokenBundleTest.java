package io.github.probeselect.djl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.probeselect.bundle.BundleManifest;
import io.github.probeselect.error.InvalidBundleException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A bundle that cannot work is refused when it is opened, by a message that names the file, and
 * leaves nothing open.
 */
class BrokenBundleTest {

  private static final BundleManifest MANIFEST = DefaultModel.bundle().manifest();

  @TempDir private Path directory;
  private ChangedBundle bundle;

  @BeforeEach
  void copy() {
    bundle = ChangedBundle.in(directory);
  }

  @Test
  void aMissingFile() {
    bundle.remove(MANIFEST.vaeDecoder().file());
    refused(MANIFEST.vaeDecoder().file());
  }

  @Test
  void aWrongChecksum() {
    bundle.manifest(
        manifest ->
            ((ObjectNode) manifest.at("/files").get(MANIFEST.denoiser().file()))
                .put("sha256", "0".repeat(64)));
    refused(MANIFEST.denoiser().file());
  }

  @Test
  void aNewerFormat() {
    bundle.manifest(manifest -> manifest.put("formatVersion", BundleManifest.FORMAT_VERSION + 1));
    refused("newer library");
  }

  static Stream<String> modules() {
    return Stream.of(
        MANIFEST.textEncoder().file(), MANIFEST.denoiser().file(), MANIFEST.vaeDecoder().file());
  }

  @ParameterizedTest
  @MethodSource("modules")
  void garbageInsteadOfTorchScript(String file) {
    bundle.replace(file, "this is no module".getBytes(StandardCharsets.UTF_8));
    refused(file, "is not a TorchScript module");
  }

  @Test
  void garbageInsteadOfATokenizer() {
    String file = MANIFEST.tokenizers().get(0).file();
    bundle.replace(file, "{\"version\": 1}".getBytes(StandardCharsets.UTF_8));
    refused(file, "is not a tokenizer");
  }

  @Test
  void aTokenizerThatGivesOtherIds() {
    bundle.manifest(
        manifest -> {
          ArrayNode ids = (ArrayNode) manifest.at("/tokenizers/0/check/ids");
          ids.set(1, ids.get(1).asLong() + 1);
        });
    refused(MANIFEST.tokenizers().get(0).file(), "turns '");
  }

  @Test
  void anotherTextEmbeddingThanPromised() {
    bundle.manifest(
        manifest -> ((ArrayNode) manifest.at("/textEncoder/outputs/0/shape")).set(1, 77));
    refused(MANIFEST.textEncoder().file(), "77]");
  }

  @Test
  void aTapWithOtherChannels() {
    bundle.manifest(manifest -> ((ObjectNode) manifest.at("/taps/0")).put("channels", 7));
    refused(MANIFEST.denoiser().file(), "capture", "7, ");
  }

  @Test
  void aTapTooMany() {
    bundle.manifest(
        manifest -> {
          ArrayNode taps = (ArrayNode) manifest.at("/taps");
          taps.add(((ObjectNode) taps.get(0).deepCopy()).put("name", "one.more"));
        });
    refused(MANIFEST.denoiser().file(), "capture");
  }

  @Test
  void otherLatentChannels() {
    bundle.manifest(manifest -> ((ObjectNode) manifest.at("/latents")).put("channels", 3));
    refused(MANIFEST.denoiser().file(), "fails on inputs of float32 [2, 3, ");
  }

  @Test
  void aDecoderOfAnotherScale() {
    int half = MANIFEST.latents().pixelsPerLatent() / 2;
    bundle.manifest(
        manifest -> ((ObjectNode) manifest.at("/latents")).put("pixelsPerLatent", half));
    refused(MANIFEST.vaeDecoder().file(), "by the manifest it is float32 [1, 3, ");
  }

  @Test
  void aModuleInPlaceOfAnother() throws IOException {
    try (InputStream textEncoder = DefaultModel.bundle().read(MANIFEST.textEncoder().file())) {
      bundle.replace(MANIFEST.denoiser().file(), textEncoder.readAllBytes());
    }
    refused(MANIFEST.denoiser().file(), "fails on inputs");
  }

  /**
   * The decoder interpolates the latents and returns bfloat16; reading that would end the process.
   */
  @Test
  void aModuleThatReturnsBfloat16() throws IOException {
    try (InputStream decoder = getClass().getResourceAsStream("/modules/bfloat16-decoder.pt")) {
      bundle.replace(MANIFEST.vaeDecoder().file(), decoder.readAllBytes());
    }
    refused(MANIFEST.vaeDecoder().file(), "bfloat16", "float32");
  }

  @Test
  void anUnknownDevice() {
    bundle.manifest(manifest -> manifest.put("device", "abacus"));
    refused("unknown device 'abacus'");
  }

  private void refused(String... inMessage) {
    int before = NativeResources.open();
    assertThatThrownBy(bundle::open)
        .isInstanceOf(InvalidBundleException.class)
        .hasMessageContaining(directory.toString())
        .hasMessageContainingAll(inMessage);
    assertThat(NativeResources.open()).as("open native resources").isEqualTo(before);
  }
}
