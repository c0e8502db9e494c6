package io.github.probeselect;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.probeselect.image.RgbImage;
import io.github.probeselect.model.Conditioning.Reading;
import io.github.probeselect.model.QualityMetric;
import io.github.probeselect.testing.FakeModel;
import io.github.probeselect.testing.FakePipeline;
import java.util.List;
import java.util.Optional;
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
  void aMetricThatReadsOnlyTheBeginningOfThePromptIsReported() {
    String prompt = "a red circle ".repeat(5);
    QualityMetric cutting = new CuttingMetric("own", 77);
    GenerationRequest request = fake.pipeline().request(prompt).candidates(3).keep(2);

    assertThat(request.rescoreBy(cutting).generate().warnings())
        .containsExactly(
            "the prompt has 17 tokens, of which the model reads the first 12",
            "the prompt is too long for the metric 'own', which reads the first 77 of 90 tokens");
    assertThat(request.rescoreBy(new CuttingMetric("own", 90)).generate().warnings()).hasSize(1);
    assertThat(request.open().finish().warnings()).hasSize(1);
    assertThat(request.rescoreBy(cutting).open().finish().warnings())
        .hasSize(2)
        .anyMatch(warning -> warning.contains("the metric 'own'"));
  }

  @Test
  void aMetricOfABundleOnSeveralDevicesIsReportedToo() {
    try (Pipeline two = new Pipeline(List.of(new FakeModel(), new FakeModel()), Optional.empty())) {
      String metric = two.manifest().metrics().get(0).name();
      assertThat(
              two.request("a red circle ".repeat(5))
                  .rescoreBy(two.metric(metric))
                  .generate()
                  .warnings())
          .contains(
              "the prompt is too long for the metric '"
                  + metric
                  + "', which reads the first 12 of 17 tokens");
    }
  }

  /** A metric for which every prompt has 90 tokens. */
  private record CuttingMetric(String name, int limit) implements QualityMetric {
    @Override
    public double score(RgbImage image, String prompt) {
      return 1;
    }

    @Override
    public Optional<Reading> truncation(String prompt) {
      return Optional.of(new Reading(name, 90, true, limit)).filter(Reading::isCut);
    }
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
