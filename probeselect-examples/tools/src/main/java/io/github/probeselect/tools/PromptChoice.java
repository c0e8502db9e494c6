package io.github.probeselect.tools;

import io.github.probeselect.dataset.PromptFile;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Which prompts a command uses: those of a file, or a set of the default model. */
enum PromptChoice {
  /** Probes learn from it. */
  TRAIN,
  /** Probes are chosen by it, and bundles calibrated. */
  VALIDATION,
  /** Nothing is fitted on it. */
  TEST;

  /**
   * The first prompts.
   *
   * @param file one prompt a line; this set if null
   * @param count how many at the most
   */
  List<String> read(@Nullable Path file, int count) throws IOException {
    if (file != null) {
      return PromptFile.read(file, count);
    }
    String name = name().toLowerCase(Locale.ROOT) + ".txt";
    try (InputStream shipped = PromptChoice.class.getResourceAsStream("prompts/" + name)) {
      if (shipped == null) {
        throw new IOException("prompts/" + name + " is missing beside the classes of the tools");
      }
      return PromptFile.read(shipped, name, count);
    }
  }
}
