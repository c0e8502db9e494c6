package io.github.probeselect.spring;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.probeselect.KeptImage;
import io.github.probeselect.Pipeline;
import io.github.probeselect.ProbeSelect;
import io.github.probeselect.planning.Budget;
import java.util.Base64;
import org.junit.jupiter.api.Test;
import org.springframework.ai.image.ImagePrompt;
import org.springframework.ai.image.ImageResponse;

/** The image model on the default model. */
class DefaultModelTest {

  private static final String PROMPT = "a red circle above a blue square on a gray background";

  @Test
  void theImagesAreThoseOfThePipeline() {
    try (Pipeline pipeline = ProbeSelect.openDefault()) {
      KeptImage expected = pipeline.generate(PROMPT, 4, 1).images().get(0);
      ProbeSelectImageModel model = ProbeSelectImageModel.builder().pipeline(pipeline).build();

      ImageResponse response = model.call(new ImagePrompt(PROMPT));

      assertThat(response.getResult().getOutput().getB64Json())
          .isEqualTo(Base64.getEncoder().encodeToString(expected.toPng()));

      ImageResponse planned =
          model.call(
              new ImagePrompt(
                  PROMPT,
                  ProbeSelectImageOptions.builder().budget(Budget.fullRuns(3)).seed(5L).build()));
      var metadata = (ProbeSelectImageResponseMetadata) planned.getMetadata();
      assertThat(metadata.getCandidates()).hasSizeGreaterThan(3);
      assertThat(metadata.getCandidates().get(0).seed()).isEqualTo(5);
      assertThat(
              ((ProbeSelectImageGenerationMetadata) planned.getResult().getMetadata())
                  .getFinalScore())
          .isNotNull();
    }
  }
}
