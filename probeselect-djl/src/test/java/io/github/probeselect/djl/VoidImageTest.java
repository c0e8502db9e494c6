package io.github.probeselect.djl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.probeselect.GenerationResult;
import io.github.probeselect.KeptImage;
import io.github.probeselect.Pipeline;
import io.github.probeselect.bundle.LatentShape;
import io.github.probeselect.error.BackendException;
import io.github.probeselect.image.RgbImage;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Models whose modules make numbers that are not finite. */
class VoidImageTest {

  private static final String DECODER = "vae_decoder.pt";
  private static final String TEXT_ENCODER = "text_encoder.pt";

  @TempDir private Path directory;

  @Test
  void aDecoderThatGivesNanInOneColourMakesVoidImages() {
    ChangedBundle bundle = ChangedBundle.in(directory);
    bundle.replace(DECODER, NanModule.of(DefaultModel.bundle().read(DECODER), 3));
    try (Pipeline pipeline = new Pipeline(bundle.model())) {
      GenerationResult result =
          DefaultModel.request(pipeline)
              .candidates(2)
              .keep(1)
              .rescoreBy(pipeline.metric("scene-reward"))
              .generate();

      KeptImage image = result.images().get(0);
      assertThat(image.isVoid()).isTrue();
      assertThat(image.image().red(3, 3)).isZero();
      RgbImage right =
          DefaultModel.request().seeds(image.seed()).keep(1).generate().images().get(0).image();
      assertThat(image.image().green(3, 3)).isEqualTo(right.green(3, 3));
      assertThat(right.isVoid()).isFalse();
      assertThat(result.warnings()).singleElement().asString().contains("its image is void");
    }
  }

  @Test
  void whatIsDecodedFromLatentsThatAreNotFiniteIsVoid() {
    LatentShape shape = DefaultModel.bundle().manifest().latentShape(32, 32);
    float[] latents = new float[shape.count()];
    assertThat(DefaultModel.model().decode(latents, shape).isVoid()).isFalse();
    Arrays.fill(latents, Float.POSITIVE_INFINITY);
    assertThat(DefaultModel.model().decode(latents, shape).isVoid()).isTrue();
    assertThat(DefaultModel.model().preview(latents, shape).isVoid()).isTrue();
  }

  @Test
  void aTextEncoderThatGivesNanIsRefusedBeforeAnythingRuns() {
    ChangedBundle bundle = ChangedBundle.in(directory);
    bundle.replace(TEXT_ENCODER, NanModule.of(DefaultModel.bundle().read(TEXT_ENCODER), 128));
    int before = NativeResources.open();
    try (Pipeline pipeline = new Pipeline(bundle.model())) {
      int opened = NativeResources.open();
      assertThatThrownBy(() -> DefaultModel.request(pipeline).candidates(2).keep(1).generate())
          .isInstanceOf(BackendException.class)
          .hasMessageContaining(TEXT_ENCODER)
          .hasMessageContaining("not finite")
          .hasMessageContaining("for the prompt '" + DefaultModel.PROMPT + "'")
          .hasMessageContaining("--dtype float32");
      assertThat(NativeResources.open()).isEqualTo(opened);
    }
    assertThat(NativeResources.open()).isEqualTo(before);
  }
}
