package io.github.probeselect.djl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.github.probeselect.bundle.LatentShape;
import io.github.probeselect.error.InvalidBundleException;
import io.github.probeselect.model.DiffusionModel;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A bundle that has a decoder of its own for previews. */
class PreviewDecoderTest {

  private static final String FILE = "preview_decoder.pt";

  @TempDir private Path directory;

  @Test
  void decodesPreviewsAndNothingElse() throws IOException {
    try (DiffusionModel model = bundleWith("/bundles/flux-dev/bundle/vae_decoder.pt").model()) {
      LatentShape shape = model.manifest().latentShape(DefaultModel.SIDE, DefaultModel.SIDE);
      float[] latents = new float[shape.count()];
      for (int i = 0; i < latents.length; i++) {
        latents[i] = (float) Math.sin(i);
      }

      assertThat(model.decode(latents, shape))
          .isEqualTo(DefaultModel.model().decode(latents, shape))
          .isNotEqualTo(model.preview(latents, shape));
      assertThat(DefaultModel.model().preview(latents, shape))
          .isEqualTo(DefaultModel.model().decode(latents, shape));
    }
  }

  @Test
  void oneThatDoesNotFitTheLatentsIsRefusedByName() throws IOException {
    ChangedBundle bundle = bundleWith("/bundles/flux-dev/bundle/text_encoder.pt");

    assertThatExceptionOfType(InvalidBundleException.class)
        .isThrownBy(bundle::open)
        .withMessageContaining(FILE);
  }

  private ChangedBundle bundleWith(String resource) throws IOException {
    try (InputStream module = PreviewDecoderTest.class.getResourceAsStream(resource)) {
      return ChangedBundle.in(directory)
          .add(FILE, module.readAllBytes())
          .manifest(manifest -> manifest.putObject("previewDecoder").put("file", FILE));
    }
  }
}
