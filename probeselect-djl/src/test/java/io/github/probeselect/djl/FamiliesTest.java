package io.github.probeselect.djl;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.probeselect.bundle.BundleManifest.Guidance;
import io.github.probeselect.bundle.BundleManifest.TokenizerSpec;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/**
 * The modules of every backbone give what diffusers gives: of the trained small models and of small
 * random ones.
 */
class FamiliesTest {

  private static final String MODELS = "io.github.probeselect.djl.GoldenModels#NAMES";

  @AfterAll
  static void close() {
    GoldenModels.close();
  }

  @ParameterizedTest
  @FieldSource(MODELS)
  void everyTokenizerGivesTheIdsOfThePipelines(String name) {
    GoldenModels.modules(name).assertIds();
  }

  @ParameterizedTest
  @FieldSource(MODELS)
  void aCutTextIsReportedForEachLengthItIsCutTo(String name) {
    GoldenModels.modules(name).assertTruncations();
  }

  @ParameterizedTest
  @FieldSource(MODELS)
  void thePromptEmbeddingIsThatOfDiffusers(String name) {
    GoldenModels.modules(name).assertPromptEmbedding();
  }

  @ParameterizedTest
  @FieldSource(MODELS)
  void predictionsAndActivationsAreThoseOfForwardHooksInDiffusers(String name) {
    GoldenModels.modules(name).assertDenoiser();
  }

  @ParameterizedTest
  @FieldSource(MODELS)
  void aDecodedPictureIsThatOfDiffusers(String name) {
    GoldenModels.modules(name).assertPicture();
  }

  @Test
  void guidanceIsWhatTheManifestSays() {
    assertThat(GoldenModels.modules("stable-diffusion-3").manifest().guidance())
        .isEqualTo(Guidance.CLASSIFIER_FREE);
    assertThat(GoldenModels.modules("flux-dev").manifest().guidance()).isEqualTo(Guidance.EMBEDDED);
  }

  @Test
  void aTokenizerMayHaveNoBeginId() {
    List<TokenizerSpec> tokenizers = GoldenModels.modules("flux-dev").manifest().tokenizers();
    assertThat(tokenizers.get(0).bosId()).isNotNull();
    assertThat(tokenizers.get(1).bosId()).isNull();
    assertThat(tokenizers.get(1).eosId()).isNotNull();
  }
}
