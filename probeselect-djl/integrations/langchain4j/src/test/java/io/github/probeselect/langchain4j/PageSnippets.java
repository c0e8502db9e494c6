package io.github.probeselect.langchain4j;

import dev.langchain4j.data.image.Image;
import dev.langchain4j.model.output.Response;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * The Java blocks of the pages that need langchain4j, compiled; each stands in a method of its own.
 */
@SuppressWarnings("unused")
final class PageSnippets {

  private PageSnippets() {}

  static void integrationsLangchain4j() {
    try (ProbeSelectImageModel model =
        ProbeSelectImageModel.builder()
            .bundle(Path.of("my-bundle"))
            .candidates(16)
            .steps(30)
            .guidanceScale(3.5)
            .negativePrompt("blurry")
            .timeout(Duration.ofMinutes(2))
            .build()) {
      Response<List<Image>> response = model.generate("a red circle above a blue square", 4);
      response.metadata().get(ProbeSelectImageModel.IMAGES); // seed, score, rank, outcome of each
    }
  }
}
