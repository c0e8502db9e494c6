package io.github.probeselect.langchain4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.langchain4j.data.image.Image;
import dev.langchain4j.model.output.Response;
import io.github.probeselect.error.BackendException;
import io.github.probeselect.planning.Budget;
import java.io.ByteArrayInputStream;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;

/** The default model, which is opened and closed with the image model. */
class DefaultModelTest {

  private static final String PROMPT = "a red circle above a blue square on a gray background";

  @Test
  void itIsUsedWhereNothingElseIsGivenAndClosedWithTheModel() throws Exception {
    ProbeSelectImageModel model = ProbeSelectImageModel.builder().candidates(4).steps(6).build();
    Response<List<Image>> response;
    try (model) {
      response = model.generate(PROMPT, 2);
    }

    assertThat(response.content()).hasSize(2);
    byte[] png = Base64.getDecoder().decode(response.content().get(0).base64Data());
    assertThat(ImageIO.read(new ByteArrayInputStream(png)).getWidth()).isEqualTo(64);
    assertThatExceptionOfType(BackendException.class)
        .isThrownBy(() -> model.pipeline().generate(PROMPT, 1, 1));
  }

  @Test
  void aBudgetPlansTheCandidates() {
    try (var model = ProbeSelectImageModel.builder().budget(Budget.evaluations(50)).build()) {
      Map<String, Object> metadata = model.generate(PROMPT).metadata();

      assertThat(metadata).containsKeys("seed", "finalScore");
      Map<?, ?> result = (Map<?, ?>) metadata.get(ProbeSelectImageModel.RESULT);
      assertThat((List<?>) result.get("candidates")).hasSizeGreaterThan(2);
      assertThat((Long) result.get("evaluations")).isLessThanOrEqualTo(50);
    }
  }
}
