package io.github.probeselect.djl;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.probeselect.ProbeSelect;
import io.github.probeselect.internal.io.Checksums;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;

/** A copy of the small random metric in which something is changed for the worse. */
final class ChangedMetric {

  private static final ObjectMapper JSON = JsonMapper.builder().build();

  private final Path directory;

  private ChangedMetric(Path directory) {
    this.directory = directory;
  }

  /** The metric as it is. */
  static Path original() {
    try {
      return Path.of(ChangedMetric.class.getResource("/metrics/random-clipscore").toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Copies the metric into an empty directory. */
  static ChangedMetric in(Path directory) throws IOException {
    for (String file : List.of("metric.json", "metric.pt", "tokenizer.json")) {
      Files.copy(original().resolve(file), directory.resolve(file));
    }
    return new ChangedMetric(directory);
  }

  /** Changes the description. */
  void description(Consumer<ObjectNode> change) throws IOException {
    Path file = directory.resolve("metric.json");
    ObjectNode description = (ObjectNode) JSON.readTree(file.toFile());
    change.accept(description);
    JSON.writeValue(file.toFile(), description);
  }

  /** Replaces a file and corrects its checksum. */
  void replace(String file, byte[] content) throws IOException {
    Files.write(directory.resolve(file), content);
    String checksum = Checksums.sha256(new ByteArrayInputStream(content));
    description(
        description ->
            ((ObjectNode) description.get("files").get(file))
                .put("sha256", checksum)
                .put("bytes", content.length));
  }

  /** Opens it, which should fail; whatever opens is closed. */
  void open() {
    ProbeSelect.openMetric(directory).close();
  }
}
