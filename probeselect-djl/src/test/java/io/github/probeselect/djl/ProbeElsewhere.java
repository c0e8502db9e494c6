package io.github.probeselect.djl;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.probeselect.internal.io.Checksums;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Consumer;

/**
 * A copy of the TorchScript probe that {@code models/tests/golden/probe.py} writes, in which
 * something may be changed.
 */
final class ProbeElsewhere {

  /** Where it lies among the resources. */
  static final String FOLDER = "probes/torchscript/";

  private static final JsonMapper JSON = JsonMapper.builder().build();

  private final Path directory;

  private ProbeElsewhere(Path directory) {
    this.directory = directory;
  }

  /** Copies it into a directory, which is made. */
  static ProbeElsewhere in(Path directory) {
    try {
      Files.createDirectories(directory);
      for (String file : new String[] {"probe.json", "probe.pt"}) {
        Files.write(directory.resolve(file), resource(FOLDER + file));
      }
      return new ProbeElsewhere(directory);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static byte[] resource(String name) throws IOException {
    try (InputStream content = ProbeElsewhere.class.getResourceAsStream("/" + name)) {
      return content.readAllBytes();
    }
  }

  /** The directory. */
  Path directory() {
    return directory;
  }

  /** Its JSON. */
  Path json() {
    return directory.resolve("probe.json");
  }

  /** Changes its JSON. */
  ProbeElsewhere json(Consumer<ObjectNode> change) {
    try {
      ObjectNode json = (ObjectNode) JSON.readTree(json().toFile());
      change.accept(json);
      JSON.writeValue(json().toFile(), json);
      return this;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Puts a module of the resources in place of its own. */
  ProbeElsewhere module(String resource) {
    try {
      return module(resource(resource));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Replaces its module and corrects the checksum. */
  ProbeElsewhere module(byte[] content) {
    try {
      overwrite(content);
      String checksum = Checksums.sha256(new ByteArrayInputStream(content));
      return json(json -> json.put("moduleSha256", checksum));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Changes the last byte of its module. */
  ProbeElsewhere damage() {
    try {
      byte[] content = Files.readAllBytes(directory.resolve("probe.pt"));
      content[content.length - 1] ^= 1;
      overwrite(content);
      return this;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void overwrite(byte[] content) throws IOException {
    Files.write(directory.resolve("probe.pt"), content);
  }
}
