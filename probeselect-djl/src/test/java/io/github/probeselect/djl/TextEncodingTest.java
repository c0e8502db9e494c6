package io.github.probeselect.djl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.probeselect.GenerationRequest;
import io.github.probeselect.Origin;
import io.github.probeselect.bundle.LatentShape;
import io.github.probeselect.error.InvalidRequestException;
import io.github.probeselect.model.Conditioning;
import io.github.probeselect.model.Conditioning.Reading;
import io.github.probeselect.model.Conditioning.Truncation;
import io.github.probeselect.model.DenoiserBatch;
import io.github.probeselect.model.DiffusionModel;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Prompts become embeddings; what does not fit is reported. */
class TextEncodingTest {

  private static final DiffusionModel MODEL = DefaultModel.model();

  @Test
  void aPromptThatFitsIsReadWhole() {
    try (Conditioning prompt = MODEL.encode(DefaultModel.PROMPT, "")) {
      assertThat(prompt.truncations()).isEmpty();
    }
  }

  @Test
  void aWordThatIsTooLongIsRefusedByThePartOfTheRequestThatItIsIn() {
    String word = "x".repeat(70_000);
    GenerationRequest request =
        DefaultModel.pipeline().request(DefaultModel.PROMPT).steps(2).candidates(2);

    assertRefused(DefaultModel.pipeline().request(word).steps(2), "the prompt that begins");
    assertRefused(request.negativePrompt(word), "the negative prompt that begins");
    assertRefused(
        request.wordings("a crimson disc", word).keep(1), "the wording that begins with 'xxx");
    assertRefused(
        request.origins(Origin.seed(1).wording("red " + word)),
        "the wording that begins with 'red xxx");
    assertRefused(
        request.wordings("a crimson disc").negativePrompt(word), "the negative prompt that begins");
  }

  private static void assertRefused(GenerationRequest request, String message) {
    assertThatThrownBy(request::generate)
        .isInstanceOf(InvalidRequestException.class)
        .hasMessageStartingWith(message)
        .hasMessageContaining("characters");
  }

  @Test
  void textThatIsCutIsReportedWithItsWholeLength() {
    int limit = MODEL.manifest().tokenizers().get(0).length();
    // A word of the check text is one token; the two special ones come on top.
    String negative = "red ".repeat(40).strip();
    try (Conditioning prompt = MODEL.encode(DefaultModel.PROMPT, negative)) {
      assertThat(prompt.truncations()).containsExactly(truncation("negative prompt", 42, limit));
    }
    try (Conditioning prompt = MODEL.encode("red ".repeat(limit).strip(), "")) {
      assertThat(prompt.truncations()).containsExactly(truncation("prompt", limit + 2, limit));
    }
  }

  private static Truncation truncation(String text, int tokens, int limit) {
    return new Truncation(text, List.of(new Reading("CLIP", tokens, true, limit)));
  }

  @Test
  void cutTextIsEncodedAsItsBeginning() {
    int limit = MODEL.manifest().tokenizers().get(0).length();
    try (Conditioning longer = MODEL.encode("red ".repeat(limit + 5).strip(), "");
        Conditioning fitting = MODEL.encode("red ".repeat(limit - 2).strip(), "")) {
      assertThat(fitting.truncations()).isEmpty();
      assertThat(longer.promptEmbedding()).isEqualTo(fitting.promptEmbedding());
    }
  }

  @Test
  void theEmbeddingIsThatOfThePromptWhateverTheNegativePrompt() {
    try (Conditioning one = MODEL.encode("a red circle", "");
        Conditioning other = MODEL.encode("a red circle", "a blue star");
        Conditioning different = MODEL.encode("a blue star", "")) {
      int size =
          MODEL.manifest().textEncoder().outputs().get(0).shape().stream()
              .reduce(1, Math::multiplyExact);
      assertThat(one.promptEmbedding()).hasSize(size).isEqualTo(other.promptEmbedding());
      assertThat(one.promptEmbedding()).isNotEqualTo(different.promptEmbedding());
    }
  }

  @Test
  void aPromptEncodedByAnotherModelIsRefused() {
    LatentShape shape = MODEL.manifest().latentShape(DefaultModel.SIDE, DefaultModel.SIDE);
    try (DiffusionModel other = DefaultModel.open();
        Conditioning foreign = other.encode("a red circle", "")) {
      DenoiserBatch batch =
          new DenoiserBatch(shape, List.of(new float[shape.count()]), 1, foreign, 3, true);
      assertThatThrownBy(() -> MODEL.denoiser().predict(batch))
          .isInstanceOf(InvalidRequestException.class)
          .hasMessageContaining("another model");
    }
  }
}
