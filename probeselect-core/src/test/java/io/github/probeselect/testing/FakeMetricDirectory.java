package io.github.probeselect.testing;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
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

  private final FakeDirectory written;

  private FakeMetricDirectory(FakeDirectory written) {
    this.written = written;
  }

  /** Writes a valid metric directory, which is made if need be. */
  public static FakeMetricDirectory in(Path directory) throws IOException {
    return new FakeMetricDirectory(
        FakeDirectory.write(directory, "metric.json", DESCRIPTION, FILES));
  }

  /** The directory. */
  public Path directory() {
    return written.path();
  }

  /** A file of the directory. */
  public Path file(String name) {
    return written.file(name);
  }

  /** Puts another content into a file, which the directory lists as it lists all others. */
  public FakeMetricDirectory replace(String name, String content) throws IOException {
    written.replace(name, content);
    return this;
  }

  /** Changes {@code metric.json}. */
  public FakeMetricDirectory edit(Consumer<ObjectNode> edit) throws IOException {
    written.edit(edit);
    return this;
  }

  /** Replaces {@code metric.json} by any text. */
  public FakeMetricDirectory writeDescription(String text) throws IOException {
    written.writeManifest(text);
    return this;
  }
}
