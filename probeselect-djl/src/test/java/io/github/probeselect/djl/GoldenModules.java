package io.github.probeselect.djl;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.github.probeselect.bundle.Bundle;
import io.github.probeselect.bundle.BundleManifest;
import io.github.probeselect.bundle.BundleManifest.Tap;
import io.github.probeselect.bundle.BundleManifest.TokenizerSpec;
import io.github.probeselect.bundle.LatentShape;
import io.github.probeselect.image.RgbImage;
import io.github.probeselect.model.ActivationExtractor.Capture;
import io.github.probeselect.model.Backend.Device;
import io.github.probeselect.model.Conditioning;
import io.github.probeselect.model.Conditioning.Reading;
import io.github.probeselect.model.Conditioning.Truncation;
import io.github.probeselect.model.Denoiser.Prediction;
import io.github.probeselect.model.DenoiserBatch;
import io.github.probeselect.model.DiffusionModel;
import io.github.probeselect.noise.TorchNoise;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A bundle with what diffusers makes of the same inputs ({@code golden.json}, written by {@code
 * models/tests/golden/modules.py}).
 */
final class GoldenModules implements AutoCloseable {

  private static final double RELATIVE = 1e-4;

  private final Bundle bundle;
  private final BundleManifest manifest;
  private final DiffusionModel model;
  private final JsonNode golden;

  private GoldenModules(Bundle bundle, DiffusionModel model, JsonNode golden) {
    this.bundle = bundle;
    this.manifest = bundle.manifest();
    this.model = model;
    this.golden = golden;
  }

  /** Opens {@code bundle} and {@code golden.json} in a directory. */
  static GoldenModules open(Path directory) {
    return open(Bundle.open(directory.resolve("bundle")), directory.resolve("golden.json"));
  }

  /** Opens a bundle and its golden file. */
  static GoldenModules open(Bundle bundle, Path golden) {
    try {
      JsonNode content = JsonMapper.builder().build().readTree(golden.toFile());
      return new GoldenModules(bundle, new DjlBackend().open(bundle, Device.CPU), content);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  BundleManifest manifest() {
    return manifest;
  }

  DiffusionModel model() {
    return model;
  }

  /** Every tokenizer gives the ids that the pipeline's tokenizer gives. */
  void assertIds() {
    for (int i = 0; i < manifest.tokenizers().size(); i++) {
      TokenizerSpec spec = manifest.tokenizers().get(i);
      try (TextTokenizer tokenizer = TextTokenizer.open(bundle, spec)) {
        for (JsonNode text : golden.get("texts")) {
          assertThat(tokenizer.ids(text.get("text").asText()))
              .as("ids of '%.20s' by %s", text.get("text").asText(), spec.file())
              .containsExactly(longs(text.get("ids").get(i)));
        }
      }
    }
  }

  /** Every text that some tokenizer cuts is reported once, with what each encoder read of it. */
  void assertTruncations() {
    for (JsonNode text : golden.get("texts")) {
      List<Reading> readings = new ArrayList<>();
      for (int i = 0; i < manifest.tokenizers().size(); i++) {
        TokenizerSpec spec = manifest.tokenizers().get(i);
        int tokens = text.get("tokens").get(i).asInt();
        readings.add(new Reading(spec.encoder(), tokens, true, spec.length()));
      }
      try (Conditioning prompt = model.encode(text.get("text").asText(), "")) {
        assertThat(prompt.truncations())
            .as("reports about '%.20s'", text.get("text").asText())
            .isEqualTo(
                readings.stream().anyMatch(Reading::isCut)
                    ? List.of(new Truncation("prompt", readings))
                    : List.of());
      }
    }
  }

  void assertPromptEmbedding() {
    try (Conditioning prompt = encode()) {
      assertClose(prompt.promptEmbedding(), golden.get("promptEmbedding"), "prompt embedding");
    }
  }

  /** Predictions and taps at every size, with and without guidance, row i for seed i. */
  void assertDenoiser() {
    try (Conditioning prompt = encode()) {
      for (JsonNode expected : golden.get("cases")) {
        DenoiserBatch batch = batch(prompt, expected);
        try (Capture capture = model.activationExtractor().capture(batch)) {
          assertPredictions(capture.predictions(), expected);
          assertPredictions(model.denoiser().predict(batch), expected);
          for (Tap tap : manifest.taps()) {
            for (int row = 0; row < batch.size(); row++) {
              assertClose(
                  capture.activations().values(row, tap.name()),
                  expected.get("taps").get(tap.name()).get(row),
                  tap.name() + " of row " + row + " at " + batch.shape());
            }
          }
        }
      }
    }
  }

  void assertPicture() {
    JsonNode expected = golden.get("picture");
    LatentShape shape =
        manifest.latentShape(expected.get("width").asInt(), expected.get("height").asInt());
    RgbImage picture = model.decode(noise(shape, 0), shape);
    byte[] bytes = picture.toBytes();
    int plane = picture.width() * picture.height();
    JsonNode values = expected.get("values");
    assertThat(bytes).hasSize(values.size());
    for (int i = 0; i < bytes.length; i++) {
      int channel = i % 3;
      assertThat((bytes[i] & 0xff) - values.get(channel * plane + i / 3).asInt())
          .as("value %d of the picture, off by", i)
          .isBetween(-1, 1);
    }
  }

  private Conditioning encode() {
    return model.encode(golden.get("prompt").asText(), golden.get("negativePrompt").asText());
  }

  private DenoiserBatch batch(Conditioning prompt, JsonNode expected) {
    LatentShape shape =
        manifest.latentShape(expected.get("width").asInt(), expected.get("height").asInt());
    List<float[]> latents = new ArrayList<>();
    for (int candidate = 0; candidate < golden.get("seeds").size(); candidate++) {
      latents.add(noise(shape, candidate));
    }
    return new DenoiserBatch(
        shape,
        latents,
        golden.get("timestep").asDouble(),
        prompt,
        golden.get("guidanceScale").asDouble(),
        !expected.get("unconditional").isEmpty());
  }

  private float[] noise(LatentShape shape, int candidate) {
    return TorchNoise.gaussian(golden.get("seeds").get(candidate).asLong(), shape.count());
  }

  private static void assertPredictions(List<Prediction> predictions, JsonNode expected) {
    assertThat(predictions).hasSameSizeAs(expected.get("conditional"));
    boolean guided = !expected.get("unconditional").isEmpty();
    for (int row = 0; row < predictions.size(); row++) {
      Prediction prediction = predictions.get(row);
      assertClose(prediction.conditional(), expected.get("conditional").get(row), "row " + row);
      if (guided) {
        assertClose(
            prediction.unconditional(),
            expected.get("unconditional").get(row),
            "unconditional row " + row);
      } else {
        assertThat(prediction.unconditional()).isNull();
      }
    }
  }

  /** Compares the root mean square of the difference with that of what is expected. */
  private static void assertClose(float[] actual, JsonNode expected, String what) {
    assertThat(actual).as(what).hasSize(expected.get("size").asInt());
    JsonNode values = expected.get("values");
    double error = 0;
    double size = 0;
    for (int i = 0; i < values.size(); i++) {
      double value = values.get(i).asDouble();
      error += Math.pow(actual[i * expected.get("stride").asInt()] - value, 2);
      size += Math.pow(value, 2);
    }
    assertThat(Math.sqrt(error / size)).as("relative error of " + what).isLessThan(RELATIVE);
  }

  private static long[] longs(JsonNode values) {
    long[] longs = new long[values.size()];
    for (int i = 0; i < longs.length; i++) {
      longs[i] = values.get(i).asLong();
    }
    return longs;
  }

  @Override
  public void close() {
    model.close();
  }
}
