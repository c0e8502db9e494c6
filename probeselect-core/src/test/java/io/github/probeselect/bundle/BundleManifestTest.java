package io.github.probeselect.bundle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.github.probeselect.error.InvalidRequestException;
import io.github.probeselect.testing.FakeBundle;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BundleManifestTest {

  private final BundleManifest manifest = FakeBundle.manifest();

  @Test
  void theLatentsAreRowsByColumns() {
    assertThat(manifest.latentShape(64, 16)).isEqualTo(new LatentShape(4, 2, 8));
    assertThat(manifest.latentShape(64, 16).count()).isEqualTo(64);
  }

  @Test
  void aTokenIsASquareOfLatentCells() {
    BundleManifest patched =
        FakeBundle.manifest(json -> json.withObject("latents").put("patch", 2));

    assertThat(manifest.imageTokens(new LatentShape(4, 6, 8))).isEqualTo(48);
    assertThat(patched.imageTokens(new LatentShape(4, 6, 8))).isEqualTo(12);
  }

  @ParameterizedTest(name = "{0}x{1}")
  @CsvSource({"8, 32, width 8", "72, 32, width 72", "32, 15, height 15", "32, -16, height -16"})
  void aSizeOfAnotherModelIsRefused(int width, int height, String message) {
    assertThatExceptionOfType(InvalidRequestException.class)
        .isThrownBy(() -> manifest.latentShape(width, height))
        .withMessageContaining(message)
        .withMessageContaining("multiple of 8 from 16 to 64");
  }

  @Test
  void aTapIsFoundByItsName() {
    assertThat(manifest.tap("up_blocks.0"))
        .contains(new BundleManifest.Tap("up_blocks.0", 4, 2, 2));
    assertThat(manifest.tap("up_blocks.0").orElseThrow().count()).isEqualTo(16);
    assertThat(manifest.tap("up_blocks.9")).isEmpty();
  }

  @Test
  void theDenoiserIsIdentifiedByTheHashOfItsFile() {
    assertThat(manifest.denoiserHash()).isEqualTo("0123456789abcdef".repeat(4));
  }

  @ParameterizedTest
  @CsvSource({"0, 1, 1", "1, 0, 1", "1, 1, -1"})
  void aLatentShapeHasPositiveSides(int channels, int height, int width) {
    assertThatExceptionOfType(InvalidRequestException.class)
        .isThrownBy(() -> new LatentShape(channels, height, width))
        .withMessageContaining(channels + "x" + height + "x" + width);
  }
}
