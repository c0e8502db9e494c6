package io.github.probeselect.djl;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.probeselect.Pipeline;
import io.github.probeselect.ProbeSelect;
import io.github.probeselect.image.RgbImage;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A bundle that every device serves, by its manifest. */
class AnyDeviceTest {

  @TempDir Path directory;

  @Test
  void givesOnTheCpuWhatABundleForTheCpuGives() {
    ChangedBundle bundle = ChangedBundle.in(directory);
    bundle.manifest(manifest -> manifest.put("device", "cpu"));
    RgbImage expected = image();
    bundle.manifest(manifest -> manifest.put("device", "any"));

    assertThat(image()).isEqualTo(expected);
  }

  private RgbImage image() {
    try (Pipeline pipeline = ProbeSelect.open(directory)) {
      return pipeline
          .request("a red circle")
          .candidates(1)
          .keep(1)
          .steps(2)
          .generate()
          .images()
          .get(0)
          .image();
    }
  }
}
