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
 * A directory of text files, and of a manifest that lists them with their lengths and checksums.
 *
 * @param path where it is
 * @param manifest the name of its manifest
 */
record FakeDirectory(Path path, String manifest) {

  private static final ObjectMapper JSON = new ObjectMapper();

  /** Writes files, each with a text of its own, and a manifest to which they are added. */
  static FakeDirectory write(Path path, String manifest, String json, List<String> names)
      throws IOException {
    FakeDirectory directory = new FakeDirectory(path, manifest);
    Files.createDirectories(path);
    directory.writeManifest(json);
    for (String name : names) {
      Files.createDirectories(directory.file(name).getParent());
      directory.replace(name, "fake " + name + "\n");
    }
    return directory;
  }

  Path file(String name) {
    return path.resolve(name);
  }

  /** Writes a file, and lists it. */
  void replace(String name, String content) throws IOException {
    Path file = Files.writeString(file(name), content);
    try (InputStream stream = Files.newInputStream(file)) {
      String sha256 = Checksums.sha256(stream);
      long bytes = Files.size(file);
      edit(
          json ->
              json.withObject("files").putObject(name).put("sha256", sha256).put("bytes", bytes));
    }
  }

  void edit(Consumer<ObjectNode> edit) throws IOException {
    ObjectNode json = (ObjectNode) JSON.readTree(file(manifest).toFile());
    edit.accept(json);
    writeManifest(json.toPrettyString());
  }

  void writeManifest(String text) throws IOException {
    Files.writeString(file(manifest), text);
  }
}
