package io.github.probeselect.bundle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.probeselect.error.InvalidMetricException;
import io.github.probeselect.testing.FakeMetricDirectory;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.assertj.core.api.ThrowableAssertAlternative;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;
import org.junit.jupiter.params.provider.ValueSource;

class MetricDirectoryTest {

  static final List<String> FILES = FakeMetricDirectory.FILES;

  @TempDir Path directory;
  FakeMetricDirectory fake;

  @BeforeEach
  void write() throws IOException {
    fake = FakeMetricDirectory.in(directory.resolve("fake"));
  }

  @Test
  void aCompleteDirectoryOpens() throws IOException {
    MetricDirectory metric = MetricDirectory.open(fake.directory());

    assertThat(metric.location()).isEqualTo(fake.directory().toString());
    assertThat(metric.manifest().name()).isEqualTo("redness");
    assertThat(metric.manifest().tokenizer().check().ids()).hasSize(6);
    assertThat(metric.manifest().provenance()).containsEntry("exporter", "test fixture");
    assertThat(metric.path("metric.pt")).contains(fake.file("metric.pt"));
    try (InputStream module = metric.read("metric.pt")) {
      assertThat(new String(module.readAllBytes(), StandardCharsets.UTF_8))
          .isEqualTo("fake metric.pt\n");
    }
  }

  @Test
  void provenanceAndBeginAndEndIdsMayBeAbsent() throws IOException {
    fake.edit(
        json -> {
          json.remove("provenance");
          json.withObject("tokenizer").remove(List.of("bosId", "eosId"));
        });

    MetricDirectory.Manifest manifest = MetricDirectory.open(fake.directory()).manifest();

    assertThat(manifest.provenance()).isEmpty();
    assertThat(manifest.tokenizer().bosId()).isNull();
    assertThat(manifest.tokenizer().eosId()).isNull();
  }

  @Test
  void aFolderThatIsNotThereIsNoMetric() {
    assertRefused(directory.resolve("nowhere"), "nowhere", "not a directory", "metric.json");
  }

  @Test
  void aFolderWithoutDescriptionIsNoMetric() throws IOException {
    Files.delete(fake.file("metric.json"));

    assertRefused("no metric at", "no metric.json");
  }

  @ParameterizedTest
  @FieldSource("FILES")
  void aMissingFileIsNamed(String file) throws IOException {
    Files.delete(fake.file(file));

    assertRefused("metric ", "lacks " + file, "export the metric again");
  }

  @ParameterizedTest
  @FieldSource("FILES")
  void aDamagedFileIsNamed(String file) throws IOException {
    Files.writeString(fake.file(file), Files.readString(fake.file(file)).replace('f', 'g'));

    assertRefused(file + " is damaged", "SHA-256", "metric.json says");
  }

  @Test
  void aNewerFormatAsksForANewerLibrary() throws IOException {
    fake.edit(json -> json.put("formatVersion", 2));

    assertRefused("format version 2", "reads version 1", "use a newer library");
  }

  @Test
  void anOlderFormatAsksForANewExport() throws IOException {
    fake.edit(json -> json.put("formatVersion", 0));

    assertRefused("format version 0", "export the metric again");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "[]", "null", "garbage", "42"})
  void aDescriptionThatIsNoJsonObjectIsRefused(String text) throws IOException {
    fake.writeDescription(text);

    assertRefused("metric.json");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/formatVersion",
        "/name",
        "/file",
        "/tokenizer",
        "/tokenizer/file",
        "/tokenizer/length",
        "/tokenizer/check",
        "/dtype",
        "/device",
        "/files",
        "/files/metric.pt/sha256"
      })
  void aMissingFieldIsNamed(String pointer) throws IOException {
    String field = pointer.substring(pointer.lastIndexOf('/') + 1);
    fake.edit(json -> parent(json, pointer).remove(field));

    assertRefused("metric.json", "'" + field + "'");
  }

  @ParameterizedTest
  @ValueSource(strings = {"/novelty", "/tokenizer/novelty"})
  void anUnknownFieldIsNamed(String pointer) throws IOException {
    fake.edit(json -> parent(json, pointer).put("novelty", 1));

    assertRefused("metric.json", "novelty");
  }

  @Test
  void anotherTypeAtTheBoundaryIsNamed() throws IOException {
    fake.edit(json -> json.put("dtype", "bfloat16"));

    assertRefused("dtype bfloat16", "only float32");
  }

  @ParameterizedTest
  @FieldSource("FILES")
  void aFileWithoutChecksumIsNamed(String file) throws IOException {
    fake.edit(json -> json.withObject("files").remove(file));

    assertRefused("'" + file + "' has no entry");
  }

  @Test
  void aFileOutsideTheDirectoryIsNotTouched() throws IOException {
    fake.edit(
        json ->
            json.withObject("files").putObject("../secret").put("sha256", "00").put("bytes", 0));

    assertRefused("'../secret' leads out of the metric");
  }

  @Test
  void aFileThatIsNotListedIsNotRead() {
    MetricDirectory metric = MetricDirectory.open(fake.directory());

    assertThatExceptionOfType(InvalidMetricException.class)
        .isThrownBy(() -> metric.read("letter.txt"))
        .withMessageContaining("metric.json does not list letter.txt");
  }

  private void assertRefused(String... parts) {
    assertRefused(fake.directory(), parts);
  }

  private static void assertRefused(Path metric, String... parts) {
    ThrowableAssertAlternative<InvalidMetricException> refusal =
        assertThatExceptionOfType(InvalidMetricException.class)
            .isThrownBy(() -> MetricDirectory.open(metric))
            .withMessageContaining(metric.toString());
    for (String part : parts) {
      refusal.withMessageContaining(part);
    }
  }

  private static ObjectNode parent(ObjectNode json, String pointer) {
    return (ObjectNode) json.at(pointer.substring(0, pointer.lastIndexOf('/')));
  }
}
