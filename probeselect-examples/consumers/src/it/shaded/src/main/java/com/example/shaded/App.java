package com.example.shaded;

import io.github.probeselect.GenerationResult;
import io.github.probeselect.ProbeSelect;
import java.io.IOException;
import java.nio.file.Path;

/** Draws with the default model, everything in one jar. */
public final class App {

  private App() {}

  public static void main(String[] arguments) throws IOException {
    GenerationResult result =
        ProbeSelect.generate("a red circle above a blue square on a gray background", 3, 1);
    require(result.candidates().size() == 3, "three candidates");
    require(result.candidates().get(0).score().isPresent(), "a score");
    require(result.images().size() == 1, "one image");
    require(result.images().get(0).image().width() == 64, "64 pixels");
    require(!result.images().get(0).image().isVoid(), "finite pixels");
    result.writeTo(Path.of(arguments[0], "images"));
  }

  private static void require(boolean is, String what) {
    if (!is) {
      throw new AssertionError("missing: " + what);
    }
  }
}
