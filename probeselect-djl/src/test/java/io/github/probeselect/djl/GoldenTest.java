package io.github.probeselect.djl;

import static io.github.probeselect.djl.GoldenFiles.assertClose;
import static io.github.probeselect.djl.GoldenFiles.assertSamePicture;
import static io.github.probeselect.djl.GoldenFiles.floats;
import static io.github.probeselect.djl.GoldenFiles.image;
import static io.github.probeselect.djl.GoldenFiles.json;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.probeselect.GenerationResult;
import io.github.probeselect.Pipeline;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The same prompt, seed and settings give what diffusers gives with the pipeline the bundle came
 * from: the trained small models and random ones.
 */
class GoldenTest {

  /** One picture that diffusers made. */
  record Case(
      String model,
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
      return model + " " + name;
    }
  }

  static List<Case> cases() throws IOException {
    List<Case> cases = new ArrayList<>();
    for (String model : GoldenModels.NAMES) {
      String folder = folder(model);
      for (JsonNode node : json(folder + "golden.json").get("cases")) {
        cases.add(
            new Case(
                model,
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
    }
    return cases;
  }

  private static String folder(String model) {
    return GoldenModels.folder(model) + "images/";
  }

  @AfterAll
  static void close() {
    GoldenModels.close();
  }

  @ParameterizedTest
  @MethodSource("cases")
  void imageAndLatentsAreThoseOfDiffusers(Case given) throws IOException {
    WatchedModel model = new WatchedModel(GoldenModels.open(given.model()));
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
}
