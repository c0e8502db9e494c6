package io.github.probeselect.spring.boot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatException;

import io.github.probeselect.Pipeline;
import io.github.probeselect.error.InvalidBundleException;
import io.github.probeselect.model.QualityMetric;
import io.github.probeselect.planning.Budget;
import io.github.probeselect.spring.ProbeSelectImageModel;
import io.github.probeselect.spring.ProbeSelectImageOptions;
import io.github.probeselect.testing.FakeModel;
import io.micrometer.common.KeyValues;
import io.micrometer.observation.tck.TestObservationRegistry;
import io.micrometer.observation.tck.TestObservationRegistryAssert;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.springframework.ai.image.ImageModel;
import org.springframework.ai.image.ImagePrompt;
import org.springframework.ai.image.observation.DefaultImageModelObservationConvention;
import org.springframework.ai.image.observation.ImageModelObservationContext;
import org.springframework.ai.image.observation.ImageModelObservationConvention;
import org.springframework.boot.LazyInitializationBeanFactoryPostProcessor;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Which beans there are, and what the properties do to them. */
class ProbeSelectImageAutoConfigurationTest {

  private final ApplicationContextRunner runner =
      new ApplicationContextRunner()
          .withConfiguration(
              AutoConfigurations.of(
                  ProbeSelectImageAutoConfiguration.class,
                  ProbeSelectHealthAutoConfiguration.class));

  private final ApplicationContextRunner onTheFake =
      runner.withUserConfiguration(FakePipelineConfiguration.class);

  @Configuration(proxyBeanMethods = false)
  static class FakePipelineConfiguration {

    @Bean
    FakeModel fakeModel() {
      return new FakeModel();
    }

    @Bean
    Pipeline pipeline(FakeModel model) {
      return new Pipeline(model);
    }
  }

  @Test
  void thereIsAnImageModelOnThePipelineOfTheApplication() {
    onTheFake.run(
        context -> {
          assertThat(context).hasSingleBean(ImageModel.class).hasSingleBean(Pipeline.class);
          ProbeSelectImageModel model = context.getBean(ProbeSelectImageModel.class);
          assertThat(model.getPipeline()).isSameAs(context.getBean(Pipeline.class));
          assertThat(model.getOptions()).isEqualTo(ProbeSelectImageOptions.builder().build());
          assertThat(model.call(new ImagePrompt("a red circle")).getResults()).hasSize(1);
        });
  }

  @Test
  void thePipelineIsClosedWithTheContext() {
    FakeModel[] model = new FakeModel[1];
    onTheFake.run(context -> model[0] = context.getBean(FakeModel.class));

    assertThat(model[0].isClosed()).isTrue();
    assertThat(model[0].open()).isEmpty();
    assertThat(model[0].wasClosedWhileInUse()).isFalse();
  }

  @Test
  void anApplicationThatIsLazyOpensNothingBeforeTheFirstCall() {
    runner
        .withInitializer(
            context ->
                context.addBeanFactoryPostProcessor(
                    new LazyInitializationBeanFactoryPostProcessor()))
        .withPropertyValues("spring.ai.probeselect.bundle=/there/is/none")
        .run(
            context -> {
              assertThat(context).hasNotFailed();
              assertThatException()
                  .isThrownBy(() -> context.getBean(ImageModel.class))
                  .withRootCauseInstanceOf(InvalidBundleException.class);
            });
  }

  @Test
  void nothingIsOpenedForAnotherProvider() {
    for (String other : List.of("openai", "none")) {
      runner
          .withPropertyValues(
              "spring.ai.model.image=" + other, "spring.ai.probeselect.bundle=/there/is/none")
          .run(
              context ->
                  assertThat(context)
                      .hasNotFailed()
                      .doesNotHaveBean(ImageModel.class)
                      .doesNotHaveBean(Pipeline.class)
                      .doesNotHaveBean(ProbeSelectHealthIndicator.class));
    }
  }

  @Test
  void itIsMeantByItsName() {
    onTheFake
        .withPropertyValues("spring.ai.model.image=probeselect")
        .run(context -> assertThat(context).hasSingleBean(ProbeSelectImageModel.class));
  }

  @Test
  void theModelOfTheApplicationTakesItsPlace() {
    onTheFake
        .withBean(
            "mine",
            ProbeSelectImageModel.class,
            () -> ProbeSelectImageModel.builder().pipeline(new Pipeline(new FakeModel())).build())
        .run(
            context ->
                assertThat(context)
                    .hasSingleBean(ProbeSelectImageModel.class)
                    .hasBean("mine")
                    .doesNotHaveBean("probeSelectImageModel"));
  }

  @Test
  void everyOptionIsAProperty() {
    onTheFake
        .withPropertyValues(
            options(
                "model=fake",
                "n=2",
                "candidates=8",
                "seed=7",
                "decision-fraction=0.4",
                "steps=12",
                "guidance-scale=2.5",
                "width=48",
                "height=16",
                "negative-prompt=a blue square",
                "timeout=90s",
                "previews=true",
                "reproducible=true",
                "micro-batch-size=3",
                "response-format=b64_json"))
        .run(
            context ->
                assertThat(context.getBean(ProbeSelectImageModel.class).getOptions())
                    .isEqualTo(
                        ProbeSelectImageOptions.builder()
                            .model("fake")
                            .n(2)
                            .candidates(8)
                            .seed(7L)
                            .decisionFraction(0.4)
                            .steps(12)
                            .guidanceScale(2.5)
                            .width(48)
                            .height(16)
                            .negativePrompt("a blue square")
                            .timeout(Duration.ofSeconds(90))
                            .previews(true)
                            .reproducible(true)
                            .microBatchSize(3)
                            .responseFormat("b64_json")
                            .build()));
  }

  @Test
  void seedsKeepAndRandomSeedsAreProperties() {
    onTheFake
        .withPropertyValues(options("keep=2", "seeds=5,-6,4294967295"))
        .run(
            context ->
                assertThat(context.getBean(ProbeSelectImageModel.class).getOptions())
                    .isEqualTo(
                        ProbeSelectImageOptions.builder()
                            .keep(2)
                            .seeds(5, -6, 4294967295L)
                            .build()));
    onTheFake
        .withPropertyValues(options("random-seeds=true"))
        .run(
            context ->
                assertThat(
                        context.getBean(ProbeSelectImageModel.class).getOptions().getRandomSeeds())
                    .isTrue());
  }

  @Test
  void aBudgetIsAPropertyOfEachUnit() {
    budget("full-runs=3", Budget.fullRuns(3));
    budget("seconds=2.5", Budget.seconds(2.5));
    budget("evaluations=100", Budget.evaluations(100));
  }

  private void budget(String property, Budget expected) {
    onTheFake
        .withPropertyValues(options("budget." + property))
        .run(
            context ->
                assertThat(context.getBean(ProbeSelectImageModel.class).getOptions().getBudget())
                    .isEqualTo(expected));
  }

  static String[] options(String... values) {
    return List.of(values).stream()
        .map(value -> "spring.ai.probeselect.image.options." + value)
        .toArray(String[]::new);
  }

  @Test
  void optionsThatCannotBeUsedFailTheStart() {
    refused("width=33", "width 33 is not a size of this model");
    refused("candidates=0", "candidates = 0");
    refused("model=dall-e-3", "this is the model fake");
    refused("n=2,keep=3", "n = 2 and keep = 3 are the same option");
    refused("budget.seconds=2,budget.full-runs=3", "the budget has several units");
    refused("budget.seconds=-2", "-2.0");
    refused("seed=2,random-seeds=true", "seed and randomSeeds exclude each other");
    refused("n=5,candidates=4", "n = 5 images");
  }

  private void refused(String properties, String reason) {
    onTheFake
        .withPropertyValues(options(properties.split(",")))
        .run(
            context ->
                assertThat(context)
                    .getFailure()
                    .rootCause()
                    .as(properties)
                    .hasMessageContaining(reason));
  }

  @Test
  void aMetricOfTheApplicationScoresTheImages() {
    onTheFake
        .withBean(
            QualityMetric.class,
            () -> QualityMetric.of("corner", (image, prompt) -> image.red(0, 0) / 255.0))
        .run(
            context ->
                assertThat(
                        context
                            .getBean(ImageModel.class)
                            .call(new ImagePrompt("a red circle"))
                            .getResult()
                            .getMetadata()
                            .toString())
                    .doesNotContain("finalScore=null"));
  }

  @Test
  void aMetricOfTheBundleIsNamed() {
    onTheFake
        .withPropertyValues("spring.ai.probeselect.metric=brightness")
        .run(
            context ->
                assertThat(context.getBean(QualityMetric.class).name()).isEqualTo("brightness"));
    onTheFake
        .withPropertyValues("spring.ai.probeselect.metric=brightnes")
        .run(
            context ->
                assertThat(context)
                    .getFailure()
                    .rootCause()
                    .hasMessageContaining("neither a metric of the bundle")
                    .hasMessageContaining("brightness"));
  }

  @Test
  void callsAreObservedByTheRegistryAndTheConventionOfTheApplication() {
    TestObservationRegistry registry = TestObservationRegistry.create();
    ImageModelObservationConvention convention =
        new DefaultImageModelObservationConvention() {
          @Override
          public KeyValues getLowCardinalityKeyValues(ImageModelObservationContext context) {
            return KeyValues.of("own", "key");
          }
        };
    onTheFake
        .withBean(TestObservationRegistry.class, () -> registry)
        .withBean(ImageModelObservationConvention.class, () -> convention)
        .run(context -> context.getBean(ImageModel.class).call(new ImagePrompt("a red circle")));

    TestObservationRegistryAssert.assertThat(registry)
        .hasSingleObservationThat()
        .hasLowCardinalityKeyValue("own", "key")
        .hasBeenStopped();
  }

  @Test
  void withoutTheImageModelNothingIsConfigured() {
    runner
        .withClassLoader(new FilteredClassLoader(ProbeSelectImageModel.class))
        .run(context -> assertThat(context).hasNotFailed().doesNotHaveBean(Pipeline.class));
  }
}
