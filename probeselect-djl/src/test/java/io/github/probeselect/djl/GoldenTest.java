package io.github.probeselect.djl;

import static io.github.probeselect.djl.GoldenFiles.assertClose;
import static io.github.probeselect.djl.GoldenFiles.assertSamePicture;
import static io.github.probeselect.djl.GoldenFiles.floats;
import static io.github.probeselect.djl.GoldenFiles.image;
import static io.github.probeselect.djl.GoldenFiles.json;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.probeselect.GenerationResult;
import io.github.probeselect.Pipeline;
import io.github.probeselect.model.Conditioning;
import io.github.probeselect.model.DiffusionModel;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The same prompt, seed and settings give what diffusers gives with the pipeline the bundle came
 * from: the default model, and small random ones of other backbones.
 */
class GoldenTest {

  private static final Map<String, GoldenModules> RANDOM = new HashMap<>();

  /** One picture that diffusers made. */
  record Case(
      String folder,
      String name,
      String prompt,
      long seed,
      int steps,
      double guidanceScale,
      String negativePrompt,
      int height,
      int width,
      String image,
      String latents) {
    @Override
    public String toString() {
      return folder + name;
    }
  }

  static List<Case> cases() throws IOException {
    List<Case> cases = new ArrayList<>();
    for (String folder :
        List.of("golden/", "bundles/stable-diffusion-3/images/", "bundles/flux-dev/images/")) {
      cases.addAll(cases(folder));
    }
    return cases;
  }

  private static List<Case> cases(String folder) throws IOException {
    List<Case> cases = new ArrayList<>();
    for (JsonNode node : json(folder + "golden.json").get("cases")) {
      cases.add(
          new Case(
              folder,
              node.get("name").asText(),
              node.get("prompt").asText(),
              node.get("seed").asLong(),
              node.get("steps").asInt(),
              node.get("guidanceScale").asDouble(),
              node.get("negativePrompt").isNull() ? "" : node.get("negativePrompt").asText(),
              node.get("height").asInt(),
              node.get("width").asInt(),
              folder + node.get("image").asText(),
              folder + node.get("latents").asText()));
    }
    return cases;
  }

  private static DiffusionModel model(String folder) {
    if (!folder.startsWith("bundles/")) {
      return DefaultModel.model();
    }
    String name = folder.split("/")[1];
    return RANDOM.computeIfAbsent(name, GoldenModules::random).model();
  }

  @AfterAll
  static void close() {
    RANDOM.values().forEach(GoldenModules::close);
    RANDOM.clear();
  }

  @ParameterizedTest
  @MethodSource("cases")
  void imageAndLatentsAreThoseOfDiffusers(Case given) throws IOException {
    WatchedModel model = new WatchedModel(model(given.folder()));
    GenerationResult result =
        new Pipeline(model)
            .request(given.prompt())
            .negativePrompt(given.negativePrompt())
            .seeds(given.seed())
            .steps(given.steps())
            .guidanceScale(given.guidanceScale())
            .size(given.width(), given.height())
            .generate();

    for (Map.Entry<String, JsonNode> step : json(given.latents()).get("latents").properties()) {
      assertClose(
          model.latentsAfter(Integer.parseInt(step.getKey())),
          floats(step.getValue()),
          "latents after step " + step.getKey());
    }
    assertSamePicture(result.images().get(0).image(), image(given.image()));
  }

  @Test
  void thePromptEmbeddingIsThatOfDiffusers() throws IOException {
    JsonNode golden = json("golden/" + json("golden/golden.json").get("promptEmbedding").asText());
    try (Conditioning prompt = DefaultModel.model().encode(golden.get("prompt").asText(), "")) {
      assertClose(prompt.promptEmbedding(), floats(golden.get("embedding")), "prompt embedding");
    }
  }
}
