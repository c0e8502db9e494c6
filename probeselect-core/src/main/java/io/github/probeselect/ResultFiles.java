package io.github.probeselect;

import io.github.probeselect.GenerationResult.ImageForm;
import io.github.probeselect.internal.io.WholeFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Writes a result as PNG files and {@code result.json}. */
final class ResultFiles {

  private ResultFiles() {}

  static List<Path> write(GenerationResult result, Path directory) throws IOException {
    List<Origin> origins = result.candidates().stream().map(Candidate::origin).toList();
    List<Path> images = new ArrayList<>();
    for (KeptImage image : result.images()) {
      Path file = directory.resolve(ResultJson.name(image.origin(), origins));
      image.writePng(file);
      images.add(file);
    }
    WholeFile.write(
        directory.resolve("result.json"),
        stream -> ResultJson.write(result, ImageForm.NAMES, stream));
    return images;
  }
}
