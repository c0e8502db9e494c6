package io.github.probeselect.langchain4j;

import dev.langchain4j.data.image.Image;
import io.github.probeselect.Candidate;
import io.github.probeselect.GenerationResult;
import io.github.probeselect.KeptImage;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A result in the types of langchain4j.
 *
 * @param images the images, best first
 * @param facts what is known of each, in the same order
 * @param result the whole result
 */
record ImageAnswer(
    List<Image> images, List<Map<String, Object>> facts, Map<String, @Nullable Object> result) {

  private static final String READINGS = "readings";
  private static final String PREVIEW = "preview";

  static ImageAnswer of(GenerationResult result) {
    return new ImageAnswer(
        result.images().stream().map(image -> image(image, result)).toList(),
        result.images().stream().map(image -> facts(image, result)).toList(),
        result.toMap());
  }

  private static Image image(KeptImage kept, GenerationResult result) {
    Image.Builder image =
        Image.builder()
            .base64Data(Base64.getEncoder().encodeToString(kept.toPng()))
            .mimeType("image/png");
    return kept.settings().prompt().equals(result.settings().prompt())
        ? image.build()
        : image.revisedPrompt(kept.settings().prompt()).build();
  }

  private static Map<String, Object> facts(KeptImage kept, GenerationResult result) {
    Candidate candidate =
        result.candidates().stream()
            .filter(one -> one.origin().equals(kept.origin()))
            .findFirst()
            .orElseThrow();
    Map<String, Object> facts = new LinkedHashMap<>();
    candidate
        .toMap()
        .forEach(
            (name, value) -> {
              if (value != null && !name.equals(READINGS) && !name.equals(PREVIEW)) {
                facts.put(name, value);
              }
            });
    if (kept.isVoid()) {
      facts.put("void", true);
    }
    return facts;
  }

  Map<String, Object> metadata() {
    Map<String, Object> metadata = new LinkedHashMap<>();
    metadata.put(ProbeSelectImageModel.IMAGES, facts);
    metadata.put(ProbeSelectImageModel.RESULT, result);
    return metadata;
  }

  Map<String, Object> metadataOfOne() {
    Map<String, Object> metadata = new LinkedHashMap<>(facts.get(0));
    metadata.putAll(metadata());
    return metadata;
  }
}
