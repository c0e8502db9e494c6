package io.github.probeselect.djl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.probeselect.bundle.BundleManifest.Tap;
import io.github.probeselect.bundle.LatentShape;
import io.github.probeselect.error.BackendException;
import io.github.probeselect.error.InvalidRequestException;
import io.github.probeselect.model.ActivationExtractor.Capture;
import io.github.probeselect.model.Activations;
import io.github.probeselect.model.Conditioning;
import io.github.probeselect.model.Denoiser.Prediction;
import io.github.probeselect.model.DenoiserBatch;
import io.github.probeselect.model.DiffusionModel;
import io.github.probeselect.noise.TorchNoise;
import java.util.Arrays;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Row i of what comes back belongs to candidate i. */
class DenoiserTest {

  private static final DiffusionModel MODEL = DefaultModel.model();
  private static final LatentShape SHAPE =
      MODEL.manifest().latentShape(DefaultModel.SIDE, DefaultModel.SIDE);
  private static final List<Tap> TAPS = MODEL.activationExtractor().taps();
  private static Conditioning prompt;

  @BeforeAll
  static void encode() {
    prompt = MODEL.encode(DefaultModel.PROMPT, "");
  }

  @AfterAll
  static void close() {
    prompt.close();
  }

  @ParameterizedTest(name = "guidance: {0}")
  @ValueSource(booleans = {true, false})
  void eachRowIsWhatItsCandidateGivesAlone(boolean guided) {
    try (Capture together = capture(guided, noise(1, 2, 3))) {
      for (int row = 0; row < 3; row++) {
        try (Capture alone = capture(guided, noise(row + 1))) {
          Prediction expected = alone.predictions().get(0);
          Prediction found = together.predictions().get(row);
          assertThat(found.conditional()).containsExactly(expected.conditional(), within(1e-3f));
          if (guided) {
            assertThat(found.unconditional())
                .containsExactly(expected.unconditional(), within(1e-3f));
          } else {
            assertThat(found.unconditional()).isNull();
          }
          for (Tap tap : TAPS) {
            assertThat(together.activations().values(row, tap.name()))
                .as(tap.name())
                .hasSize(tap.count())
                .containsExactly(alone.activations().values(0, tap.name()), within(1e-2f));
          }
        }
      }
    }
  }

  @Test
  void theActivationsAreThoseOfTheConditionalBranch() {
    try (Capture guided = capture(true, noise(1, 2));
        Capture plain = capture(false, noise(1, 2))) {
      for (Tap tap : TAPS) {
        assertThat(guided.activations().values(1, tap.name()))
            .containsExactly(plain.activations().values(1, tap.name()), within(1e-2f));
      }
      assertThat(guided.predictions().get(1).conditional())
          .containsExactly(plain.predictions().get(1).conditional(), within(1e-3f));
    }
  }

  @Test
  void readingActivationsDoesNotChangeThePrediction() {
    try (Capture capture = capture(true, noise(4, 5))) {
      List<Prediction> plain = MODEL.denoiser().predict(batch(true, noise(4, 5)));
      assertThat(capture.predictions().get(1).conditional()).isEqualTo(plain.get(1).conditional());
      assertThat(capture.predictions().get(0).unconditional())
          .isEqualTo(plain.get(0).unconditional());
    }
  }

  @Test
  void notANumberStaysInItsRow() {
    float[] broken = new float[SHAPE.count()];
    Arrays.fill(broken, Float.NaN);
    try (Capture capture = capture(true, List.of(noise(1).get(0), broken, noise(3).get(0)))) {
      String tap = TAPS.get(0).name();
      assertThat(capture.activations().values(1, tap)).containsOnly(Float.NaN);
      assertThat(capture.predictions().get(1).conditional()).containsOnly(Float.NaN);
      for (int row : new int[] {0, 2}) {
        assertThat(capture.activations().values(row, tap)).doesNotContain(Float.NaN);
        assertThat(capture.predictions().get(row).conditional()).doesNotContain(Float.NaN);
      }
    }
  }

  @Test
  void theCallersArraysAreNotTouched() {
    List<float[]> latents = noise(6);
    float[] before = latents.get(0).clone();
    MODEL.denoiser().predict(batch(true, latents));
    assertThat(latents.get(0)).isEqualTo(before);
  }

  @Test
  void unknownRowsAndTapsAreRefused() {
    try (Capture capture = capture(false, noise(1))) {
      Activations activations = capture.activations();
      assertThat(activations.size()).isEqualTo(1);
      assertThatThrownBy(() -> activations.values(1, TAPS.get(0).name()))
          .isInstanceOf(InvalidRequestException.class)
          .hasMessageContaining("no row 1");
      assertThatThrownBy(() -> activations.values(0, "nowhere"))
          .isInstanceOf(InvalidRequestException.class)
          .hasMessageContaining("nowhere")
          .hasMessageContaining(TAPS.get(0).name());
    }
  }

  @Test
  void latentsOfAnotherShapeAreRefused() {
    assertThatThrownBy(() -> MODEL.denoiser().predict(batch(true, List.of(new float[7]))))
        .isInstanceOf(InvalidRequestException.class)
        .hasMessageContaining("got 7");
    assertThatThrownBy(() -> MODEL.denoiser().predict(batch(true, List.of())))
        .isInstanceOf(InvalidRequestException.class)
        .hasMessageContaining("at least one");
  }

  @Test
  void aSizeThatTheNetworkCannotDoFailsAndLeavesNothingOpen() {
    LatentShape odd = new LatentShape(SHAPE.channels(), 5, 7);
    DenoiserBatch batch =
        new DenoiserBatch(odd, List.of(new float[odd.count()]), 500, prompt, 3, true);
    int before = NativeResources.open();

    assertThatThrownBy(() -> MODEL.denoiser().predict(batch))
        .isInstanceOf(BackendException.class)
        .hasMessageContaining("PyTorch failed while denoising");
    assertThat(NativeResources.open()).isEqualTo(before);
  }

  @Test
  void closedThingsSaySo() {
    Conditioning shortLived = MODEL.encode("a red circle", "");
    DenoiserBatch batch = new DenoiserBatch(SHAPE, noise(1), 500, shortLived, 3, true);
    Capture capture = MODEL.activationExtractor().capture(batch);
    shortLived.close();
    shortLived.close();
    capture.close();
    capture.close();

    assertThatThrownBy(() -> MODEL.denoiser().predict(batch))
        .isInstanceOf(BackendException.class)
        .hasMessageContaining("encode it again");
    assertThatThrownBy(shortLived::promptEmbedding).isInstanceOf(BackendException.class);
    assertThatThrownBy(() -> capture.activations().values(0, TAPS.get(0).name()))
        .isInstanceOf(BackendException.class)
        .hasMessageContaining("closed");
  }

  private static Capture capture(boolean guided, List<float[]> latents) {
    return MODEL.activationExtractor().capture(batch(guided, latents));
  }

  private static DenoiserBatch batch(boolean guided, List<float[]> latents) {
    return new DenoiserBatch(SHAPE, latents, 500, prompt, 3, guided);
  }

  private static List<float[]> noise(long... seeds) {
    return LongStream.of(seeds).mapToObj(seed -> TorchNoise.gaussian(seed, SHAPE.count())).toList();
  }
}
