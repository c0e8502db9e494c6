package io.github.probeselect.research;

import io.github.probeselect.planning.Calibration;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
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
}
