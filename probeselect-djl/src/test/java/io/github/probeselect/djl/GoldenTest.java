package io.github.probeselect.djl;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.github.probeselect.GenerationResult;
import io.github.probeselect.Pipeline;
import io.github.probeselect.image.RgbImage;
import io.github.probeselect.model.Conditioning;
import io.github.probeselect.model.DiffusionModel;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The same prompt, seed and settings give what diffusers gives with the pipeline the bundle came
 * from: the default model, and small random ones of other backbones.
 */
class GoldenTest {

  private static final double PSNR = 45;
  private static final double RELATIVE = 1e-3;

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
    RgbImage image = result.images().get(0).image();
    assertThat(psnr(image, image(given.image()))).as("PSNR in dB").isGreaterThanOrEqualTo(PSNR);
  }

  @Test
  void thePromptEmbeddingIsThatOfDiffusers() throws IOException {
    JsonNode golden = json("golden/" + json("golden/golden.json").get("promptEmbedding").asText());
    try (Conditioning prompt = DefaultModel.model().encode(golden.get("prompt").asText(), "")) {
      assertClose(prompt.promptEmbedding(), floats(golden.get("embedding")), "prompt embedding");
    }
  }

  /** Compares the root mean square of the difference with that of what is expected. */
  private static void assertClose(float[] actual, float[] expected, String what) {
    assertThat(actual).hasSameSizeAs(expected);
    double error = 0;
    double size = 0;
    for (int i = 0; i < expected.length; i++) {
      error += Math.pow((double) actual[i] - expected[i], 2);
      size += Math.pow(expected[i], 2);
    }
    assertThat(Math.sqrt(error / size)).as("relative error of the " + what).isLessThan(RELATIVE);
  }

  private static double psnr(RgbImage left, RgbImage right) {
    byte[] a = left.toBytes();
    byte[] b = right.toBytes();
    assertThat(a).hasSameSizeAs(b);
    double squares = 0;
    for (int i = 0; i < a.length; i++) {
      squares += Math.pow((a[i] & 0xff) - (b[i] & 0xff), 2);
    }
    return 10 * Math.log10(255.0 * 255.0 * a.length / squares);
  }

  private static float[] floats(JsonNode values) {
    float[] floats = new float[values.size()];
    for (int i = 0; i < floats.length; i++) {
      floats[i] = (float) values.get(i).asDouble();
    }
    return floats;
  }

  private static RgbImage image(String file) throws IOException {
    try (InputStream stream = open(file)) {
      return RgbImage.of(ImageIO.read(stream));
    }
  }

  private static JsonNode json(String file) throws IOException {
    try (InputStream stream = open(file)) {
      return JsonMapper.builder().build().readTree(stream);
    }
  }

  private static InputStream open(String file) {
    return GoldenTest.class.getResourceAsStream("/" + file);
  }
}
