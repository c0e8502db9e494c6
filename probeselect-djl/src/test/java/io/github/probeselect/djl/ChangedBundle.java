package io.github.probeselect.djl;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.probeselect.bundle.Bundle;
import io.github.probeselect.internal.io.Checksums;
import io.github.probeselect.model.Backend.Device;
import io.github.probeselect.model.DiffusionModel;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Consumer;

/** A copy of the default bundle in which something is changed, most often for the worse. */
final class ChangedBundle {

  private static final ObjectMapper JSON = JsonMapper.builder().build();

  private final Path directory;

  private ChangedBundle(Path directory) {
    this.directory = directory;
  }

  /** Copies the default bundle, without probes, into an empty directory. */
  static ChangedBundle in(Path directory) {
    Bundle bundle = DefaultModel.bundle();
    ChangedBundle copy = new ChangedBundle(directory);
    String folder = bundle.location().substring("classpath:".length());
    ClassLoader loader = Bundle.class.getClassLoader();
    copy(
        loader.getResourceAsStream(folder + "/" + Bundle.MANIFEST),
        directory.resolve(Bundle.MANIFEST));
    for (String file : bundle.manifest().files().keySet()) {
      copy(bundle.read(file), directory.resolve(file));
    }
    return copy.manifest(manifest -> manifest.putArray("probes"));
  }

  private static void copy(InputStream source, Path target) {
    try (source) {
      Files.createDirectories(target.getParent());
      Files.copy(source, target);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Changes the manifest. */
  ChangedBundle manifest(Consumer<ObjectNode> change) {
    try {
      Path file = directory.resolve(Bundle.MANIFEST);
      ObjectNode manifest = (ObjectNode) JSON.readTree(file.toFile());
      change.accept(manifest);
      JSON.writeValue(file.toFile(), manifest);
      return this;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Replaces a file and corrects its checksum. */
  ChangedBundle replace(String file, byte[] content) {
    try {
      Files.write(directory.resolve(file), content);
      String checksum = Checksums.sha256(new ByteArrayInputStream(content));
      return manifest(
          manifest -> {
            JsonNode entry = manifest.at("/files").get(file);
            ((ObjectNode) entry).put("sha256", checksum).put("bytes", content.length);
          });
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Adds a file with its checksum. */
  ChangedBundle add(String file, byte[] content) {
    manifest(manifest -> ((ObjectNode) manifest.get("files")).putObject(file));
    return replace(file, content);
  }

  /** Removes a file that the manifest lists. */
  ChangedBundle remove(String file) {
    try {
      Files.delete(directory.resolve(file));
      return this;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Opens it; the caller closes the model. */
  DiffusionModel model() {
    return new DjlBackend().open(Bundle.open(directory), Device.CPU);
  }

  /** Opens it, which should fail; whatever opens is closed. */
  void open() {
    model().close();
  }
}
