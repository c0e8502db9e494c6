package io.github.probeselect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.github.probeselect.error.InvalidRequestException;
import io.github.probeselect.testing.FakePipeline;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GuidanceTest {

  @RegisterExtension final FakePipeline fake = new FakePipeline();

  @Test
  void classifierFreeGuidanceEvaluatesTwoBranches() {
    GenerationResult result = fake.request(3, 1).guidanceScale(1.01).generate();

    assertThat(result.evaluations().branches()).isEqualTo(2);
    assertThat(fake.model().unconditionalRows()).isEqualTo(fake.model().rows());
    assertThat(result.candidates())
        .allSatisfy(candidate -> assertThat(candidate.guidanceGap()).isPositive());
  }

  @ParameterizedTest
  @ValueSource(doubles = {0, 0.5, 1})
  void atAScaleOfOneOrLessThereIsOneBranch(double scale) {
    GenerationResult result = fake.request(3, 1).guidanceScale(scale).generate();

    assertThat(result.evaluations().branches()).isEqualTo(1);
    assertThat(fake.model().unconditionalRows()).isZero();
    assertThat(result.candidates())
        .allSatisfy(candidate -> assertThat(candidate.guidanceGap()).isNaN());
  }

  @Test
  void theNegativePromptSteersTheUnconditionalBranch() {
    GenerationResult without = fake.request(1, 1).generate();
    GenerationResult with = fake.request(1, 1).negativePrompt("a blurry picture").generate();

    assertThat(with.images().get(0).image()).isNotEqualTo(without.images().get(0).image());
    assertThat(with.warnings()).isEmpty();
  }

  @Test
  void aNegativePromptWithoutAnUnconditionalBranchIsReported() {
    GenerationResult result =
        fake.request(1, 1).guidanceScale(1).negativePrompt("a blurry picture").generate();

    assertThat(result.warnings()).singleElement().asString().contains("negative prompt");
  }

  @Test
  void aModelWithEmbeddedGuidanceIsToldTheScaleInOneBranch() {
    fake.with(manifest -> manifest.put("guidance", "embedded"));

    GenerationResult low = fake.request(1, 1).guidanceScale(2).generate();
    GenerationResult high = fake.request(1, 1).guidanceScale(5).generate();

    assertThat(low.evaluations().branches()).isEqualTo(1);
    assertThat(fake.model().unconditionalRows()).isZero();
    assertThat(high.images().get(0).image()).isNotEqualTo(low.images().get(0).image());
  }

  @Test
  void aModelWithoutGuidanceRunsOneBranch() {
    fake.with(manifest -> manifest.put("guidance", "none"));

    GenerationResult result = fake.request(2, 1).generate();

    assertThat(result.evaluations().branches()).isEqualTo(1);
    assertThat(fake.model().unconditionalRows()).isZero();
  }

  @Test
  void aModelWithoutGuidanceRefusesAScale() {
    fake.with(manifest -> manifest.put("guidance", "none"));

    assertThatExceptionOfType(InvalidRequestException.class)
        .isThrownBy(() -> fake.request(2, 1).guidanceScale(3).generate())
        .withMessageContaining("takes no guidance scale");
    assertThat(fake.request(2, 1).guidanceScale(1).generate().images()).hasSize(1);
  }
}
