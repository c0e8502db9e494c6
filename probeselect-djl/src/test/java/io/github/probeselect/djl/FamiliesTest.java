package io.github.probeselect.djl;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.probeselect.bundle.BundleManifest.Guidance;
import io.github.probeselect.bundle.BundleManifest.TokenizerSpec;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Small random models of other backbones than the default model's give what diffusers gives: one
 * with three text encoders under classifier-free guidance, one with two and embedded guidance. The
 * bundles are written by {@code models/tests/random_bundles.py}.
 */
class FamiliesTest {

  private static final Map<String, GoldenModules> OPEN = new HashMap<>();

  private static GoldenModules family(String name) {
    return OPEN.computeIfAbsent(name, GoldenModules::random);
  }

  @AfterAll
  static void close() {
    OPEN.values().forEach(GoldenModules::close);
    OPEN.clear();
  }

  @ParameterizedTest
  @ValueSource(strings = {"stable-diffusion-3", "flux-dev"})
  void everyTokenizerGivesTheIdsOfThePipelines(String name) {
    family(name).assertIds();
  }

  @ParameterizedTest
  @ValueSource(strings = {"stable-diffusion-3", "flux-dev"})
  void aCutTextIsReportedForEachLengthItIsCutTo(String name) {
    family(name).assertTruncations();
  }

  @ParameterizedTest
  @ValueSource(strings = {"stable-diffusion-3", "flux-dev"})
  void thePromptEmbeddingIsThatOfDiffusers(String name) {
    family(name).assertPromptEmbedding();
  }

  @ParameterizedTest
  @ValueSource(strings = {"stable-diffusion-3", "flux-dev"})
  void predictionsAndActivationsAreThoseOfForwardHooksInDiffusers(String name) {
    family(name).assertDenoiser();
  }

  @ParameterizedTest
  @ValueSource(strings = {"stable-diffusion-3", "flux-dev"})
  void aDecodedPictureIsThatOfDiffusers(String name) {
    family(name).assertPicture();
  }

  @Test
  void guidanceIsWhatTheManifestSays() {
    assertThat(family("stable-diffusion-3").manifest().guidance())
        .isEqualTo(Guidance.CLASSIFIER_FREE);
    assertThat(family("flux-dev").manifest().guidance()).isEqualTo(Guidance.EMBEDDED);
  }

  @Test
  void aTokenizerMayHaveNoBeginId() {
    List<TokenizerSpec> tokenizers = family("flux-dev").manifest().tokenizers();
    assertThat(tokenizers.get(0).bosId()).isNotNull();
    assertThat(tokenizers.get(1).bosId()).isNull();
    assertThat(tokenizers.get(1).eosId()).isNotNull();
  }
}
