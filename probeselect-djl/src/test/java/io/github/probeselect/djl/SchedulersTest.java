package io.github.probeselect.djl;

import static io.github.probeselect.djl.GoldenFiles.assertClose;
import static io.github.probeselect.djl.GoldenFiles.assertSamePicture;
import static io.github.probeselect.djl.GoldenFiles.floats;
import static io.github.probeselect.djl.GoldenFiles.image;
import static io.github.probeselect.djl.GoldenFiles.json;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.withinPercentage;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.github.probeselect.GenerationRequest;
import io.github.probeselect.GenerationResult;
import io.github.probeselect.KeptImage;
import io.github.probeselect.Pipeline;
import io.github.probeselect.bundle.BundleManifest.SchedulerSpec;
import io.github.probeselect.image.RgbImage;
import io.github.probeselect.model.DiffusionModel;
import io.github.probeselect.selection.DecisionPoint;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The trained small models, and random ones, under every scheduler: what the denoiser is shown at
 * each step, the last latents and the picture are those of diffusers, and a kept image is that of
 * its seed alone.
 */
class SchedulersTest {

  /** What diffusers did with one model under one scheduler. */
  record Golden(String model, String name, JsonNode content) {
    @Override
    public String toString() {
      return model + " " + name;
    }

    WatchedModel watched() {
      DiffusionModel trained = GoldenModels.open(model);
      SchedulerSpec own = trained.manifest().scheduler();
      String type = content.get("type").asText();
      Map<String, Object> config =
          JsonMapper.builder()
              .build()
              .convertValue(content.get("config"), new TypeReference<Map<String, Object>>() {});
      return new WatchedModel(
          trained, SchedulerSpec.of(type, config, type.equals(own.type()) ? own.sigmas() : null));
    }

    BufferedImage page() throws IOException {
      return image(folder(model) + name + ".png").toBufferedImage();
    }
  }

  static List<Golden> schedulers() throws IOException {
    List<Golden> schedulers = new ArrayList<>();
    for (String model : GoldenModels.NAMES) {
      for (JsonNode name : json(folder(model) + "schedulers.json")) {
        JsonNode content = json(folder(model) + name.asText() + ".json");
        schedulers.add(new Golden(model, name.asText(), content));
      }
    }
    return schedulers;
  }

  @AfterAll
  static void close() {
    GoldenModels.close();
  }

  private static String folder(String model) {
    return GoldenModels.folder(model) + "schedulers/";
  }

  @ParameterizedTest
  @MethodSource("schedulers")
  void everyStepAndThePictureAreThoseOfDiffusers(Golden golden) throws IOException {
    BufferedImage page = golden.page();
    int stride = golden.content().get("stride").asInt();
    Map<Integer, Integer> left = new HashMap<>();
    Map<Integer, Integer> top = new HashMap<>();
    int below = 0;
    for (JsonNode given : golden.content().get("cases")) {
      int width = given.get("width").asInt();
      int height = given.get("height").asInt();
      if (!top.containsKey(height)) {
        top.put(height, below);
        below += height;
      }
      int x = left.merge(height, width, Integer::sum) - width;
      WatchedModel model = golden.watched();
      RgbImage made = generate(model, given);

      String which = given.get("prompt").asText() + ", " + width + "x" + height;
      for (int step = 0; step < given.get("shown").size(); step++) {
        float[] latents = model.latentsAfter(step);
        String what = "latents after step " + step + " of " + which;
        assertClose(everyNth(latents, stride), floats(given.get("shown").get(step)), what);
        assertThat(rootMeanSquare(latents))
            .as("root mean square of the " + what)
            .isCloseTo(given.get("rms").get(step).asDouble(), withinPercentage(0.1));
      }
      BufferedImage expected = page.getSubimage(x, top.get(height), width, height);
      assertSamePicture(made, RgbImage.of(expected));
    }
  }

  private static RgbImage generate(WatchedModel model, JsonNode given) {
    return new Pipeline(model)
        .request(given.get("prompt").asText())
        .seeds(given.get("seed").asLong())
        .steps(given.get("steps").asInt())
        .guidanceScale(given.get("guidanceScale").asDouble())
        .size(given.get("width").asInt(), given.get("height").asInt())
        .generate()
        .images()
        .get(0)
        .image();
  }

  @ParameterizedTest
  @MethodSource("schedulers")
  void aKeptImageIsThatOfItsSeedAlone(Golden golden) {
    Pipeline pipeline = new Pipeline(golden.watched());
    GenerationResult result = request(pipeline).candidates(4).keep(2).generate();

    for (KeptImage kept : result.images()) {
      RgbImage alone = request(pipeline).seeds(kept.seed()).generate().images().get(0).image();
      assertThat(kept.image()).as("seed %s", kept.seed()).isEqualTo(alone);
    }
  }

  private static GenerationRequest request(Pipeline pipeline) {
    return pipeline
        .request(DefaultModel.PROMPT)
        .steps(6)
        .decideAt(DecisionPoint.step(3))
        .reproducible(true)
        .probe(DefaultModel.firstValue(pipeline.manifest()));
  }

  private static float[] everyNth(float[] values, int n) {
    float[] chosen = new float[(values.length + n - 1) / n];
    for (int i = 0; i < chosen.length; i++) {
      chosen[i] = values[i * n];
    }
    return chosen;
  }

  private static double rootMeanSquare(float[] values) {
    double sum = 0;
    for (float value : values) {
      sum += (double) value * value;
    }
    return Math.sqrt(sum / values.length);
  }
}
