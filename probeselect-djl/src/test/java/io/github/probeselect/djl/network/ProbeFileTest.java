package io.github.probeselect.djl.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDManager;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.probeselect.bundle.BundleManifest;
import io.github.probeselect.bundle.BundleManifest.Tap;
import io.github.probeselect.djl.DeviceWorker;
import io.github.probeselect.djl.probe.ProbeInputs;
import io.github.probeselect.djl.probe.ProbeShape;
import io.github.probeselect.error.InvalidProbeException;
import io.github.probeselect.internal.io.Checksums;
import io.github.probeselect.testing.FakeBundle;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ProbeFileTest {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final BundleManifest MANIFEST = FakeBundle.manifest();
  private static final ProbeShape SHAPE =
      new ProbeShape(
          new ProbeInputs(List.of(new Tap("mid_block", 4, 1, 2)), 4, 12, 4),
          List.of("brightness"),
          8,
          2,
          1,
          true);

  @TempDir Path directory;
  private Path json;

  @BeforeEach
  void writeAProbe() throws IOException {
    NetworkProbeFile description =
        new NetworkProbeFile(
            ProbeFile.FORMAT_VERSION,
            MANIFEST.denoiserHash(),
            List.of(0.2, 0.4),
            "encoder_hidden_states",
            SHAPE,
            Map.of("brightness", new ProbeFile.Scale(0.5, 0.1)),
            Map.of("brightness", List.of(2.0, 1.0)),
            "",
            "",
            Map.of("prompts", 3));
    json =
        onDevice(
            manager ->
                NetworkProbeFile.write(
                    directory, description, ProbeWeights.random(SHAPE, manager, 7)));
  }

  @Test
  void whatIsWrittenIsReadBack() throws IOException {
    NetworkProbeFile probe = read();

    float[] written =
        onDevice(
            manager -> ProbeWeights.random(SHAPE, manager, 7).get("stem.weight").toFloatArray());
    float[] found =
        onDevice(
            manager -> {
              try (InputStream weights = weights(probe)) {
                return probe.readWeights(weights, manager).get("stem.weight").toFloatArray();
              }
            });
    assertThat(probe.fractions()).containsExactly(0.2, 0.4);
    assertThat(probe.scales()).containsEntry("brightness", new ProbeFile.Scale(0.5, 0.1));
    assertThat(probe.shape()).isEqualTo(SHAPE);
    assertThat(found).containsExactly(written);
  }

  @Test
  void deviationsAreScaledByWhatLiesBetweenTheFractions() throws IOException {
    ProbeFile probe = read();

    assertThat(probe.deviationFactor(0.1)).isEqualTo(2);
    assertThat(probe.deviationFactor(0.2)).isEqualTo(2);
    assertThat(probe.deviationFactor(0.25)).isEqualTo(1.75, within(1e-12));
    assertThat(probe.deviationFactor(0.4)).isEqualTo(1);
    assertThat(probe.deviationFactor(0.9)).isEqualTo(1);
  }

  @Test
  void aFractionWithoutADeviationFactorIsRefused() throws IOException {
    edit(node -> node.withArray("/deviationFactors/brightness").remove(1));

    assertThatThrownBy(this::read)
        .isInstanceOf(InvalidProbeException.class)
        .hasMessageContaining("deviation factor")
        .hasMessageContaining("[0.2, 0.4]");
  }

  @Test
  void aProbeOfAnotherModelIsRefused() throws IOException {
    edit(node -> node.put("denoiserSha256", "feed"));

    assertThatThrownBy(this::read)
        .isInstanceOf(InvalidProbeException.class)
        .hasMessageContaining("trained for another model")
        .hasMessageContaining("feed");
  }

  @Test
  void aProbeOfATapThatTheBundleLacksIsRefused() throws IOException {
    edit(node -> ((ObjectNode) node.at("/shape/inputs/taps/0")).put("name", "down_blocks.9"));

    assertThatThrownBy(this::read)
        .isInstanceOf(InvalidProbeException.class)
        .hasMessageContaining("down_blocks.9")
        .hasMessageContaining("--tap");
  }

  @Test
  void aProbeOfATapWithOtherChannelsIsRefused() throws IOException {
    edit(node -> ((ObjectNode) node.at("/shape/inputs/taps/0")).put("channels", 5));

    assertThatThrownBy(this::read)
        .isInstanceOf(InvalidProbeException.class)
        .hasMessageContaining("channels=5");
  }

  @Test
  void aProbeOfAnotherPromptEmbeddingIsRefused() throws IOException {
    edit(node -> ((ObjectNode) node.at("/shape/inputs")).put("promptTokens", 77));

    assertThatThrownBy(this::read)
        .isInstanceOf(InvalidProbeException.class)
        .hasMessageContaining("encoder_hidden_states [77, 4]");
  }

  @Test
  void aNewerFormatIsRefused() throws IOException {
    edit(node -> node.put("formatVersion", 4));

    assertThatThrownBy(this::read)
        .isInstanceOf(InvalidProbeException.class)
        .hasMessageContaining("use a newer library");
  }

  @Test
  void aMissingFieldIsNamed() throws IOException {
    edit(node -> node.remove("promptEmbedding"));

    assertThatThrownBy(this::read)
        .isInstanceOf(InvalidProbeException.class)
        .hasMessageContaining("promptEmbedding");
  }

  @Test
  void aMetricWithoutAScaleIsRefused() throws IOException {
    edit(node -> ((ObjectNode) node.get("scales")).removeAll());

    assertThatThrownBy(this::read)
        .isInstanceOf(InvalidProbeException.class)
        .hasMessageContaining("scales for []");
  }

  @Test
  void aMetricThatShouldJudgePicturesButIsNotInTheBundleIsRefused() throws IOException {
    edit(
        node -> {
          ((ObjectNode) node.get("shape")).putArray("metrics").add("beauty");
          ((ObjectNode) node.get("scales")).putObject("beauty").put("mean", 0).put("deviation", 1);
          ((ObjectNode) node.get("scales")).remove("brightness");
        });

    assertThatThrownBy(this::read)
        .isInstanceOf(InvalidProbeException.class)
        .hasMessageContaining("by the metric beauty");
  }

  @Test
  void headsThatDoNotDivideTheWidthAreRefused() throws IOException {
    edit(node -> ((ObjectNode) node.get("shape")).put("heads", 3));

    assertThatThrownBy(this::read)
        .isInstanceOf(InvalidProbeException.class)
        .hasMessageContaining("impossible shape");
  }

  @Test
  void damagedWeightsAreRefused() throws IOException {
    Path file = directory.resolve("probe.safetensors");
    byte[] bytes = Files.readAllBytes(file);
    bytes[bytes.length - 1] ^= 1;
    Files.write(file, bytes);

    assertThatThrownBy(this::readWeights)
        .isInstanceOf(InvalidProbeException.class)
        .hasMessageContaining("SHA-256");
  }

  @Test
  void weightsOfAnotherTypeNeverReachNativeCode() throws IOException {
    rewriteHeader("F32", "BF16");

    assertThatThrownBy(this::readWeights)
        .isInstanceOf(InvalidProbeException.class)
        .hasMessageContaining("BF16");
  }

  @Test
  void weightsWithAnotherNameAreRefused() throws IOException {
    rewriteHeader("stem.weight", "stem.wiegth");

    assertThatThrownBy(this::readWeights)
        .isInstanceOf(InvalidProbeException.class)
        .hasMessageContaining("stem.wiegth");
  }

  @Test
  void aFileThatIsNoSafetensorsIsRefused() throws IOException {
    Path file = directory.resolve("probe.safetensors");
    Files.writeString(file, "no");
    keepChecksum(file);

    assertThatThrownBy(this::readWeights).isInstanceOf(InvalidProbeException.class);
  }

  @Test
  void aHeaderWithMetadataPaddingAndAnotherSpacingIsRead() throws IOException {
    rewriteHeader("\\{", "{ \"__metadata__\" : {\"format\":\"pt\"},\n ");
    readWeights();
  }

  @ParameterizedTest
  @CsvSource({
    "'\"data_offsets\":\\[0,', '\"data_offsets\":[4,'",
    "'\"data_offsets\":\\[0,', '\"data_offsets\":[-4,'",
    "'\"data_offsets\":\\[0,', '\"data_offsets\":[0.5,'",
    "'\"data_offsets\":\\[0,\\d+', '\"data_offsets\":[0,99999999999'",
    "'\"shape\":\\[', '\"shape\":[4294967296,4294967296,'",
    "'\"dtype\":\"F32\"', '\"dtype\":\"F64\"'",
    "'\"dtype\":\"F32\"', '\"dtype\":\"F32\",\"dtype\":\"F32\"'",
    "'\\{', '[{'",
  })
  void aHeaderThatDoesNotHoldTogetherIsRefused(String from, String to) throws IOException {
    rewriteHeader(from, to);

    assertThatThrownBy(this::readWeights)
        .isInstanceOf(InvalidProbeException.class)
        .hasMessageContaining("probe.safetensors cannot be read");
  }

  @Test
  void bytesThatBelongToNoArrayAreRefused() throws IOException {
    Path file = directory.resolve("probe.safetensors");
    byte[] bytes = Files.readAllBytes(file);
    Files.write(file, Arrays.copyOf(bytes, bytes.length + 4));
    keepChecksum(file);

    assertThatThrownBy(this::readWeights)
        .isInstanceOf(InvalidProbeException.class)
        .hasMessageContaining("4 bytes behind the last array");
  }

  private void rewriteHeader(String from, String to) throws IOException {
    Path file = directory.resolve("probe.safetensors");
    String text = Files.readString(file, StandardCharsets.ISO_8859_1);
    String padded = text.replaceFirst(from, to);
    int added = padded.length() - text.length();
    byte[] bytes = padded.getBytes(StandardCharsets.ISO_8859_1);
    ByteBuffer header = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    header.putLong(0, header.getLong(0) + added);
    Files.write(file, bytes);
    keepChecksum(file);
  }

  private void keepChecksum(Path file) throws IOException {
    String sum = Checksums.sha256(new ByteArrayInputStream(Files.readAllBytes(file)));
    edit(node -> node.put("weightsSha256", sum));
  }

  private void edit(Consumer<ObjectNode> change) throws IOException {
    ObjectNode node = (ObjectNode) JSON.readTree(json.toFile());
    change.accept(node);
    Files.writeString(json, node.toString());
  }

  private NetworkProbeFile read() throws IOException {
    try (InputStream stream = Files.newInputStream(json)) {
      return (NetworkProbeFile) ProbeFileReader.read(stream, "probe.json", MANIFEST);
    }
  }

  private void readWeights() throws IOException {
    NetworkProbeFile probe = read();
    try (InputStream weights = weights(probe)) {
      onDevice(manager -> probe.readWeights(weights, manager));
    }
  }

  private InputStream weights(ProbeFile probe) throws IOException {
    return Files.newInputStream(directory.resolve(probe.weights()));
  }

  private static <T> T onDevice(Work<T> work) throws IOException {
    return DeviceWorker.cpu()
        .call(
            () -> {
              try (NDManager manager = DeviceWorker.cpu().newManager()) {
                return work.with(manager);
              }
            });
  }

  private interface Work<T> {
    T with(NDManager manager) throws IOException;
  }
}
