package io.github.probeselect.bundle;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the manifest of a bundle may contain, and what is refused by name. */
class ManifestFieldsTest extends BundleFixture {

  @ParameterizedTest
  @ValueSource(strings = {"taps", "metrics", "probes", "provenance"})
  void whatIsOptionalMayBeAbsent(String field) throws IOException {
    fake.editManifest(manifest -> manifest.remove(field));

    BundleManifest manifest = Bundle.open(fake.directory()).manifest();

    switch (field) {
      case "taps" -> assertThat(manifest.taps()).isEmpty();
      case "metrics" -> assertThat(manifest.metrics()).isEmpty();
      case "probes" -> assertThat(manifest.probes()).isEmpty();
      default -> assertThat(manifest.provenance()).isEmpty();
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aTokenizerMayHaveNoBeginAndNoEnd(boolean saidToBeNull) throws IOException {
    fake.editManifest(
        manifest -> {
          ObjectNode tokenizer = (ObjectNode) manifest.at("/tokenizers/0");
          tokenizer.remove(List.of("bosId", "eosId"));
          if (saidToBeNull) {
            tokenizer.putNull("bosId").putNull("eosId");
          }
        });

    BundleManifest.TokenizerSpec tokenizer =
        Bundle.open(fake.directory()).manifest().tokenizers().get(0);

    assertThat(tokenizer.bosId()).isNull();
    assertThat(tokenizer.eosId()).isNull();
  }

  @Test
  void whatTheSchedulerIsToldMayBeAbsent() throws IOException {
    fake.editManifest(manifest -> manifest.withObject("latents").remove("patch"));

    BundleManifest manifest = Bundle.open(fake.directory()).manifest();

    assertThat(manifest.latents().patch()).isEqualTo(1);
    assertThat(manifest.scheduler().sigmas()).isNull();
  }

  @Test
  void whatTheSchedulerIsToldIsRead() throws IOException {
    fake.editManifest(
        manifest -> {
          manifest.withObject("latents").put("patch", 2);
          manifest.withObject("size").put("multipleOf", 16);
          manifest.withObject("scheduler").put("sigmas", "linear");
        });

    BundleManifest manifest = Bundle.open(fake.directory()).manifest();

    assertThat(manifest.latents().patch()).isEqualTo(2);
    assertThat(manifest.scheduler().sigmas()).isEqualTo(BundleManifest.Sigmas.LINEAR);
  }

  @Test
  void otherSigmasAreRefusedByName() throws IOException {
    fake.editManifest(manifest -> manifest.withObject("scheduler").put("sigmas", "quadratic"));

    assertRefused("sigmas", "quadratic");
  }

  @ParameterizedTest
  @CsvSource({"0, positive", "-1, positive", "2, multiples of pixelsPerLatent * patch"})
  void aPatchThatDoesNotDivideTheImageIsRefused(int patch, String message) throws IOException {
    fake.editManifest(manifest -> manifest.withObject("latents").put("patch", patch));

    assertRefused("patch", message);
  }

  @Test
  void anInfiniteNumberIsReadAsPythonWritesIt() throws IOException {
    String manifest = Files.readString(fake.file("manifest.json"));
    fake.writeManifest(
        manifest.replace(
            "\"steps_offset\" : 1", "\"steps_offset\" : 1, \"lambda_min_clipped\" : -Infinity"));

    assertThat(Bundle.open(fake.directory()).manifest().scheduler().config())
        .containsEntry("lambda_min_clipped", Double.NEGATIVE_INFINITY);
  }

  @Test
  void anInfiniteGuidanceScaleIsRefused() throws IOException {
    String manifest = Files.readString(fake.file("manifest.json"));
    fake.writeManifest(manifest.replace("\"guidanceScale\" : 3.0", "\"guidanceScale\" : Infinity"));

    assertRefused("guidance scale");
  }

  @Test
  void aNewerFormatAsksForANewerLibrary() throws IOException {
    fake.editManifest(manifest -> manifest.put("formatVersion", 2).put("novelty", true));

    assertRefused("format version 2", "reads version 1", "use a newer library");
  }

  @Test
  void anOlderFormatAsksForANewExport() throws IOException {
    fake.editManifest(manifest -> manifest.put("formatVersion", 0));

    assertRefused("format version 0", "reads version 1", "export the bundle again");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "[]", "null", "garbage", "{\"formatVersion\": 1,", "42"})
  void aManifestThatIsNoJsonObjectIsRefused(String text) throws IOException {
    fake.writeManifest(text);

    assertRefused("manifest.json");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/formatVersion",
        "/name",
        "/family",
        "/latents",
        "/latents/channels",
        "/latents/pixelsPerLatent",
        "/size",
        "/size/min",
        "/defaults",
        "/defaults/steps",
        "/guidance",
        "/scheduler",
        "/scheduler/type",
        "/scheduler/config",
        "/tokenizers",
        "/tokenizers/0/file",
        "/tokenizers/0/length",
        "/tokenizers/0/check",
        "/tokenizers/0/check/ids",
        "/textEncoder",
        "/textEncoder/file",
        "/textEncoder/outputs",
        "/textEncoder/outputs/0/shape",
        "/promptEmbedding",
        "/denoiser",
        "/denoiser/file",
        "/denoiser/timestepType",
        "/taps/0/name",
        "/taps/0/grid",
        "/vaeDecoder",
        "/vaeDecoder/file",
        "/metrics/0/name",
        "/metrics/0/file",
        "/metrics/0/tokenizer",
        "/probes/0/file",
        "/probes/0/fraction",
        "/dtype",
        "/device",
        "/files",
        "/files/denoiser.pt/sha256",
        "/files/denoiser.pt/bytes"
      })
  void aMissingFieldIsNamed(String pointer) throws IOException {
    String field = pointer.substring(pointer.lastIndexOf('/') + 1);
    fake.editManifest(manifest -> parent(manifest, pointer).remove(field));

    assertRefused("manifest.json", "'" + field + "'");

    fake.editManifest(manifest -> parent(manifest, pointer).putNull(field));

    assertRefused("manifest.json", field);
  }

  @ParameterizedTest
  @ValueSource(strings = {"/novelty", "/latents/novelty", "/tokenizers/0/novelty"})
  void anUnknownFieldIsNamed(String pointer) throws IOException {
    fake.editManifest(manifest -> parent(manifest, pointer).put("novelty", 1));

    assertRefused("manifest.json", "novelty");
  }

  static Stream<Arguments> wrongValues() {
    return Stream.of(
        wrong("dtype", "only float32", json -> json.put("dtype", "bfloat16")),
        wrong("guidance", "guidance", json -> json.put("guidance", "wishful")),
        wrong("timestepType", "timestepType", json -> at(json, "denoiser", "timestepType", "i8")),
        wrong("channels", "channels", json -> json.withObject("latents").put("channels", 0)),
        wrong(
            "pixelsPerLatent",
            "pixelsPerLatent",
            json -> json.withObject("latents").put("pixelsPerLatent", -8)),
        wrong("multipleOf", "size", json -> json.withObject("size").put("multipleOf", 12)),
        wrong("max below min", "size", json -> json.withObject("size").put("max", 8)),
        wrong("a default size", "width 24", json -> at(json, "defaults", "width", 24, 16)),
        wrong("default steps", "step", json -> json.withObject("defaults").put("steps", 0)),
        wrong(
            "default guidance",
            "guidance scale",
            json -> json.withObject("defaults").put("guidanceScale", -1)),
        wrong("no tokenizer", "tokenizers", json -> json.putArray("tokenizers")),
        wrong("prompt embedding", "promptEmbedding", json -> json.put("promptEmbedding", "x")),
        wrong("tap grid of one", "mid_block", json -> grid(json, 2)),
        wrong("tap grid of three", "mid_block", json -> grid(json, 1, 2, 3)),
        wrong("tap grid of zero", "mid_block", json -> grid(json, 0, 2)),
        wrong("tap grid with a null", "grid", ManifestFieldsTest::nullInGrid),
        wrong("tap channels", "mid_block", json -> object(json, "taps").put("channels", 0)),
        wrong(
            "tokenizer index", "tokenizer 1", json -> object(json, "metrics").put("tokenizer", 1)),
        wrong(
            "negative tokenizer index",
            "tokenizer -1",
            json -> object(json, "metrics").put("tokenizer", -1)),
        wrong("a null tokenizer", "tokenizers", json -> json.putArray("tokenizers").addNull()),
        wrong("a null file", "files", json -> json.withObject("files").putNull("denoiser.pt")),
        wrong(
            "a file without checksum",
            "'denoiser.pt' has no entry",
            json -> json.withObject("files").remove("denoiser.pt")),
        wrong("a text as number", "channels", json -> at(json, "latents", "channels", "four")));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("wrongValues")
  void aWrongValueIsNamed(Consumer<ObjectNode> edit, String named) throws IOException {
    fake.editManifest(edit);

    assertRefused("manifest.json", named);
  }

  private static ObjectNode parent(ObjectNode manifest, String pointer) {
    return (ObjectNode) manifest.at(pointer.substring(0, pointer.lastIndexOf('/')));
  }

  private static ObjectNode object(ObjectNode manifest, String list) {
    return (ObjectNode) manifest.get(list).get(0);
  }

  private static void at(ObjectNode manifest, String object, String field, String value) {
    manifest.withObject(object).put(field, value);
  }

  private static void at(ObjectNode json, String object, String field, int value, int multiple) {
    json.withObject("size").put("multipleOf", multiple);
    json.withObject(object).put(field, value);
  }

  private static void grid(ObjectNode manifest, int... sides) {
    var grid = object(manifest, "taps").putArray("grid");
    for (int side : sides) {
      grid.add(side);
    }
  }

  private static void nullInGrid(ObjectNode manifest) {
    object(manifest, "taps").putArray("grid").add(2).addNull();
  }

  private static Arguments wrong(String name, String named, Consumer<ObjectNode> edit) {
    return Arguments.of(Named.of(name, edit), named);
  }
}
