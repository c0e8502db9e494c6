package io.github.probeselect.djl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ArrayNode;
import io.github.probeselect.error.InvalidMetricException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * A metric that cannot work is refused when it is opened, by a message that names the file, and
 * leaves nothing open.
 */
class BrokenMetricTest {

  @TempDir private Path directory;
  private ChangedMetric metric;

  @BeforeEach
  void copy() throws IOException {
    metric = ChangedMetric.in(directory);
  }

  @Test
  void aMissingFile() throws IOException {
    Files.delete(directory.resolve("metric.pt"));
    refused("lacks metric.pt");
  }

  @Test
  void aWrongChecksum() throws IOException {
    metric.description(
        description -> description.withObject("/files/metric.pt").put("sha256", "0".repeat(64)));
    refused("metric.pt is damaged");
  }

  @Test
  void aNewerFormat() throws IOException {
    metric.description(description -> description.put("formatVersion", 2));
    refused("newer library");
  }

  @Test
  void garbageInsteadOfTorchScript() throws IOException {
    metric.replace("metric.pt", "this is no module".getBytes(StandardCharsets.UTF_8));
    refused("metric.pt is not a TorchScript module");
  }

  @Test
  void garbageInsteadOfATokenizer() throws IOException {
    metric.replace("tokenizer.json", "{\"version\": 1}".getBytes(StandardCharsets.UTF_8));
    refused("tokenizer.json is not a tokenizer");
  }

  @Test
  void aTokenizerThatGivesOtherIds() throws IOException {
    metric.description(
        description -> ((ArrayNode) description.at("/tokenizer/check/ids")).set(1, 3));
    refused("tokenizer.json turns '");
  }

  /** Made by {@code make_modules.py}; what each gives for a batch of two is in its name. */
  @ParameterizedTest
  @CsvSource({
    "nan-metric.pt, a black image the score NaN",
    "one-score-metric.pt, 'returns float32 [1], but by the manifest it is float32 [2]'",
    "bfloat16-metric.pt, bfloat16",
    "failing-metric.pt, 'forward fails on inputs of float32 [2, 3, 40, 56], int64 [2, 16]'"
  })
  void aModuleThatGivesNoScores(String module, String inMessage) throws IOException {
    try (InputStream content = getClass().getResourceAsStream("/modules/" + module)) {
      metric.replace("metric.pt", content.readAllBytes());
    }
    refused("metric.pt", inMessage);
  }

  @Test
  void anUnknownDevice() throws IOException {
    metric.description(description -> description.put("device", "abacus"));
    refused("unknown device 'abacus'");
  }

  private void refused(String... inMessage) {
    int before = NativeResources.open();
    assertThatThrownBy(metric::open)
        .isInstanceOf(InvalidMetricException.class)
        .hasMessageContaining(directory.toString())
        .hasMessageContainingAll(inMessage);
    assertThat(NativeResources.open()).as("open native resources").isEqualTo(before);
  }
}
