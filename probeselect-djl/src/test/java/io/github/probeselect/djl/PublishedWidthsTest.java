package io.github.probeselect.djl;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The published backbones at full width, two layers deep, with random weights, give what diffusers
 * gives. The bundles take gigabytes and are made by {@code models/tests/golden/wide_bundles.py
 * --output models/build/wide}; where one was not made its test is aborted, which the report shows.
 */
@Tag("slow")
class PublishedWidthsTest {

  private static final Path BUNDLES = Path.of("..", "models", "build", "wide");

  @ParameterizedTest
  @ValueSource(
      strings = {
        "stable-diffusion-2-base",
        "stable-diffusion-2-1",
        "stable-diffusion-3-medium",
        "stable-diffusion-3.5-medium",
        "stable-diffusion-3.5-large",
        "flux-1-dev",
        "flux-1-schnell"
      })
  void aModelOfPublishedWidthGivesWhatDiffusersGives(String name) {
    Path directory = BUNDLES.resolve(name);
    assumeTrue(
        Files.isRegularFile(directory.resolve("golden.json")),
        () -> directory + " is not there; make it with models/tests/golden/wide_bundles.py");
    try (GoldenModules modules = GoldenModules.open(directory)) {
      modules.assertIds();
      modules.assertTruncations();
      modules.assertPromptEmbedding();
      modules.assertDenoiser();
      modules.assertPicture();
    }
  }
}
