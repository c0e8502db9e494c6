package io.github.probeselect.testing;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.probeselect.internal.io.Checksums;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;

/**
 * A small metric directory that is valid in every respect except that its module is a text file. A
 * test takes it and breaks what it is about.
 */
public final class FakeMetricDirectory {

  /** The files of the directory, {@code metric.json} aside. */
  public static final List<String> FILES = List.of("metric.pt", "tokenizer.json");

  private static final ObjectMapper JSON = new ObjectMapper();

  private static final String DESCRIPTION =
      """
      {
        "formatVersion": 1,
        "name": "redness",
        "file": "metric.pt",
        "tokenizer": {
          "file": "tokenizer.json",
          "length": 6,
          "padId": 0,
          "bosId": 1,
          "eosId": 2,
          "check": {"text": "a red circle", "ids": [1, 7, 8, 9, 2, 0]}
        },
        "dtype": "float32",
        "device": "cpu",
        "provenance": {"exporter": "test fixture"},
        "files": {}
      }
      """;

  private final Path directory;

  private FakeMetricDirectory(Path directory) {
    this.directory = directory;
  }

  /** Writes a valid metric directory, which is made if need be. */
  public static FakeMetricDirectory in(Path directory) throws IOException {
    FakeMetricDirectory metric = new FakeMetricDirectory(directory);
    Files.createDirectories(directory);
    ObjectNode description = (ObjectNode) JSON.readTree(DESCRIPTION);
    for (String name : FILES) {
      Path file = Files.writeString(metric.file(name), "fake " + name + "\n");
      try (InputStream content = Files.newInputStream(file)) {
        description
            .withObject("files")
            .putObject(name)
            .put("sha256", Checksums.sha256(content))
            .put("bytes", Files.size(file));
      }
    }
    return metric.writeDescription(description.toPrettyString());
  }

  /** The directory. */
  public Path directory() {
    return directory;
  }

  /** A file of the directory. */
  public Path file(String name) {
    return directory.resolve(name);
  }

  /** Puts another content into a file, which the directory lists as it lists all others. */
  public FakeMetricDirectory replace(String name, String content) throws IOException {
    Files.writeString(file(name), content);
    try (InputStream stream = Files.newInputStream(file(name))) {
      String sha256 = Checksums.sha256(stream);
      long bytes = Files.size(file(name));
      return edit(
          description ->
              description
                  .withObject("files")
                  .putObject(name)
                  .put("sha256", sha256)
                  .put("bytes", bytes));
    }
  }

  /** Changes {@code metric.json}. */
  public FakeMetricDirectory edit(Consumer<ObjectNode> edit) throws IOException {
    ObjectNode description = (ObjectNode) JSON.readTree(file("metric.json").toFile());
    edit.accept(description);
    return writeDescription(description.toPrettyString());
  }

  /** Replaces {@code metric.json} by any text. */
  public FakeMetricDirectory writeDescription(String text) throws IOException {
    Files.writeString(file("metric.json"), text);
    return this;
  }
}
