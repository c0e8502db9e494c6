package io.github.probeselect;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.probeselect.testing.FakePipeline;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class WarningsTest {

  @RegisterExtension final FakePipeline fake = new FakePipeline();

  @Test
  void aPromptThatIsReadWholeRaisesNone() {
    assertThat(fake.request(2, 1).generate().warnings()).isEmpty();
  }

  @Test
  void anOverlongPromptIsCutAndReported() {
    GenerationResult result =
        fake.pipeline().request("a red circle ".repeat(5)).candidates(2).keep(1).generate();

    assertThat(result.images()).hasSize(1);
    assertThat(result.warnings())
        .containsExactly("the prompt has 17 tokens, of which the model reads the first 12");
  }

  @Test
  void anOverlongNegativePromptIsCutAndReported() {
    GenerationResult result = fake.request(2, 1).negativePrompt("dull ".repeat(20)).generate();

    assertThat(result.warnings())
        .containsExactly(
            "the negative prompt has 22 tokens, of which the model reads the first 12");
  }

  @Test
  void theyAreWrittenDownInTheOrderOfTheGeneration() {
    fake.model().blind(0).divergeAt(0, 8);

    GenerationResult result =
        fake.pipeline()
            .request("a red circle ".repeat(5))
            .candidates(2)
            .keep(1)
            .guidanceScale(1)
            .negativePrompt("dull")
            .generate();

    assertThat(result.warnings()).hasSize(4);
    assertThat(result.warnings().get(0)).contains("17 tokens");
    assertThat(result.warnings().get(1)).contains("negative prompt had no effect");
    assertThat(result.warnings().get(2)).contains("seed 0 could not be scored");
    assertThat(result.warnings().get(3)).contains("seed 1 diverged");
  }
}
