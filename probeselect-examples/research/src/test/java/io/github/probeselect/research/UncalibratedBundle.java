package io.github.probeselect.research;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.probeselect.planning.Calibration;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** A copy of a bundle that tests may change, without its calibration. */
final class UncalibratedBundle {

  private UncalibratedBundle() {}

  static void copy(Path from, Path to) throws IOException {
    List<Path> files;
    try (Stream<Path> walk = Files.walk(from)) {
      files = walk.toList();
    }
    for (Path file : files) {
      Path target = to.resolve(from.relativize(file).toString());
      if (Files.isDirectory(file)) {
        Files.createDirectories(target);
      } else if (!target.endsWith(Calibration.FILE)) {
        Files.copy(file, target);
      }
    }
  }

  /** Also without its metrics and probes: a bundle as the export of a checkpoint leaves it. */
  static void copyBare(Path from, Path to) throws IOException {
    copy(from, to);
    ObjectMapper json = new ObjectMapper();
    Path manifest = to.resolve("manifest.json");
    ObjectNode stripped = (ObjectNode) json.readTree(manifest.toFile());
    stripped.remove(List.of("metrics", "probes"));
    ObjectNode files = (ObjectNode) stripped.get("files");
    List<String> names = new ArrayList<>();
    files.fieldNames().forEachRemaining(names::add);
    files.remove(names.stream().filter(name -> name.matches("(metrics|probe)/.*")).toList());
    json.writeValue(manifest.toFile(), stripped);
  }
}
