package io.github.probeselect.djl;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.probeselect.Pipeline;
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
  void aCutTextIsReportedWithWhatEachEncoderReads(String name) {
    GoldenModels.modules(name).assertTruncations();
  }

  /** The random T5 reads 24 tokens, the random CLIPs 32. */
  @Test
  void theWarningNamesTheEncoderThatCutsAndThoseThatReadOn() {
    assertThat(warnings("stable-diffusion-3", "red ".repeat(28).strip(), ""))
        .containsExactly(
            "the prompt is too long for T5, which reads the first 24 of 29 tokens; CLIP-L and"
                + " CLIP-G read all 30");
    assertThat(warnings("stable-diffusion-3", "red", "red ".repeat(40).strip()))
        .containsExactly(
            "the negative prompt is too long for CLIP-L and CLIP-G, which read the first 32 of 42"
                + " tokens and for T5, which reads the first 24 of 41 tokens");
    assertThat(warnings("flux-dev", "red ".repeat(28).strip(), ""))
        .containsExactly(
            "the prompt is too long for T5, which reads the first 24 of 29 tokens; CLIP-L reads all"
                + " 30");
  }

  private static List<String> warnings(String name, String prompt, String negativePrompt) {
    return new Pipeline(GoldenModels.open(name))
        .request(prompt)
        .negativePrompt(negativePrompt)
        .candidates(1)
        .steps(1)
        .generate()
        .warnings();
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
