package io.github.probeselect.model;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.probeselect.GenerationResult;
import io.github.probeselect.Origin;
import io.github.probeselect.Pipeline;
import io.github.probeselect.Session;
import io.github.probeselect.selection.DecisionPoint;
import io.github.probeselect.testing.FakeBundle;
import io.github.probeselect.testing.FakeModel;
import io.github.probeselect.testing.Stage;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

class PreviewProbeTest {

  private static final QualityMetric RED =
      QualityMetric.of("red", (image, prompt) -> image.red(3, 5) + prompt.length());

  @Test
  void itScoresWhatTheCandidatesAreExpectedToBecome() {
    FakeModel model = new FakeModel(FakeBundle.manifest());
    List<Double> expected = new ArrayList<>();
    try (Pipeline pipeline = new Pipeline(model)) {
      GenerationResult result =
          pipeline
              .request("a circle")
              .candidates(6)
              .keep(2)
              .probe(new PreviewProbe(model, RED))
              .observer(
                  seen ->
                      seen.x0Predictions()
                          .forEach(
                              x0 ->
                                  expected.add(
                                      RED.score(model.decode(x0, seen.shape()), "a circle"))))
              .generate();

      assertThat(result.candidates())
          .extracting(candidate -> candidate.score().orElseThrow())
          .isEqualTo(expected);
      int best = expected.indexOf(Collections.max(expected));
      assertThat(result.images().get(0).seed()).isEqualTo(result.candidates().get(best).seed());
    }
    assertThat(new PreviewProbe(model, RED).metric()).isEqualTo("red");
  }

  @Test
  void thePreviewDecoderOfTheBundleIsUsedWhereOnlyPreviewsAreLookedAt() {
    FakeModel model =
        new FakeModel(
            FakeBundle.manifest(
                manifest -> manifest.putObject("previewDecoder").put("file", "vae_decoder.pt")));
    try (Pipeline pipeline = new Pipeline(model)) {
      GenerationResult result =
          pipeline
              .request("a circle")
              .candidates(3)
              .keep(1)
              .previews(true)
              .probe(new PreviewProbe(model, RED))
              .generate();
      Session session = pipeline.request("a circle").candidates(3).open();
      session.advance(DecisionPoint.fraction(0.2));

      assertThat(model.calls(Stage.PREVIEW)).isEqualTo(6);
      assertThat(model.calls(Stage.DECODE)).isEqualTo(1);
      assertThat(session.preview(Origin.seed(2)))
          .isEqualTo(result.candidates().get(2).preview().orElseThrow());
      assertThat(model.calls(Stage.PREVIEW)).isEqualTo(7);
    }
  }
}
