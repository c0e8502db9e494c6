package io.github.probeselect.djl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.probeselect.bundle.LatentShape;
import io.github.probeselect.error.InvalidRequestException;
import io.github.probeselect.model.ActivationExtractor.Capture;
import io.github.probeselect.model.Conditioning;
import io.github.probeselect.model.Denoiser.Prediction;
import io.github.probeselect.model.DenoiserBatch;
import io.github.probeselect.model.DiffusionModel;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A model whose denoiser takes the guidance scale as an input, the timestep as a float, and two
 * embeddings made from the ids of two tokenizers. Its modules are formulas, written out in {@code
 * modules/make_modules.py}.
 */
class EmbeddedGuidanceTest {

  private static final double TIMESTEP = 0.25;
  private static final double GUIDANCE = 3.5;

  @TempDir private Path directory;
  private DiffusionModel model;
  private LatentShape shape;

  @BeforeEach
  void open() throws IOException {
    model =
        ChangedBundle.in(directory)
            .replace("text_encoder.pt", module("two-tokenizers-text-encoder.pt"))
            .replace("denoiser.pt", module("embedded-guidance-denoiser.pt"))
            .manifest(EmbeddedGuidanceTest::describe)
            .model();
    shape = model.manifest().latentShape(DefaultModel.SIDE, DefaultModel.SIDE);
  }

  private static void describe(ObjectNode manifest) {
    manifest.put("guidance", "embedded");
    ((ObjectNode) manifest.at("/denoiser")).put("timestepType", "float32");
    ArrayNode tokenizers = (ArrayNode) manifest.at("/tokenizers");
    tokenizers.add(tokenizers.get(0).deepCopy());
    int length = tokenizers.get(0).get("length").asInt();
    ArrayNode outputs = ((ObjectNode) manifest.at("/textEncoder")).putArray("outputs");
    outputs.addObject().put("name", "tokens").putArray("shape").add(length).add(4);
    outputs.addObject().put("name", "pooled").putArray("shape").add(6);
    manifest.put("promptEmbedding", "pooled");
    ObjectNode tap = manifest.putArray("taps").addObject().put("name", "mean").put("channels", 8);
    tap.putArray("grid").add(1).add(1);
  }

  private static byte[] module(String file) throws IOException {
    try (InputStream stream = EmbeddedGuidanceTest.class.getResourceAsStream("/modules/" + file)) {
      return stream.readAllBytes();
    }
  }

  @AfterEach
  void close() {
    model.close();
  }

  @Test
  void thePromptEmbeddingIsTheNamedOutput() {
    try (Conditioning prompt = model.encode("a red circle", "")) {
      List<Long> ids = model.manifest().tokenizers().get(1).check().ids().subList(0, 6);
      float[] expected = new float[6];
      for (int i = 0; i < expected.length; i++) {
        expected[i] = ids.get(i);
      }
      assertThat(prompt.promptEmbedding()).isEqualTo(expected);
    }
  }

  @Test
  void theDenoiserIsGivenGuidanceTimestepAndBothEmbeddings() {
    try (Conditioning prompt = model.encode("a red circle", "");
        Capture capture = model.activationExtractor().capture(batch(prompt, false))) {
      long id = model.manifest().tokenizers().get(0).check().ids().get(1);
      for (int row = 0; row < 2; row++) {
        Prediction prediction = capture.predictions().get(row);
        float latent = row + 1;
        float expected = (float) (latent * TIMESTEP + GUIDANCE + 2 * id / 1024.0);
        assertThat(prediction.conditional()).containsOnly(expected);
        assertThat(prediction.unconditional()).isNull();
        assertThat(capture.activations().values(row, "mean"))
            .containsExactly(
                new float[] {latent, latent, latent, latent, -latent, -latent, -latent, -latent},
                within(1e-6f));
      }
    }
  }

  @Test
  void theNegativePromptIsNotRead() {
    try (Conditioning prompt = model.encode("a red circle", "red ".repeat(100))) {
      assertThat(prompt.truncations()).isEmpty();
    }
  }

  @Test
  void oneReportOfACutTextIsEnoughForBothTokenizers() {
    try (Conditioning prompt = model.encode("red ".repeat(100), "")) {
      assertThat(prompt.truncations()).hasSize(1);
    }
  }

  @Test
  void thereIsNoUnconditionalBranch() {
    try (Conditioning prompt = model.encode("a red circle", "")) {
      assertThatThrownBy(() -> model.denoiser().predict(batch(prompt, true)))
          .isInstanceOf(InvalidRequestException.class)
          .hasMessageContaining("no unconditional branch");
    }
  }

  /** Two candidates, of ones and of twos. */
  private DenoiserBatch batch(Conditioning prompt, boolean unconditional) {
    float[] ones = new float[shape.count()];
    float[] twos = new float[shape.count()];
    Arrays.fill(ones, 1);
    Arrays.fill(twos, 2);
    return new DenoiserBatch(shape, List.of(ones, twos), TIMESTEP, prompt, GUIDANCE, unconditional);
  }
}
