package io.github.probeselect.spring.boot;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.probeselect.Pipeline;
import io.github.probeselect.micrometer.ProbeSelectMetrics;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.springframework.ai.image.ImageModel;
import org.springframework.ai.image.ImagePrompt;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

/** The default model, opened as it is for an application that configures nothing. */
class DefaultModelTest {

  private final ApplicationContextRunner runner =
      new ApplicationContextRunner()
          .withConfiguration(
              AutoConfigurations.of(
                  ProbeSelectImageAutoConfiguration.class,
                  ProbeSelectMetricsAutoConfiguration.class));

  @Test
  void theMetersAndTheCustomizersOfTheApplicationReachThePipeline() {
    List<String> customized = new ArrayList<>();
    MeterRegistry registry = new SimpleMeterRegistry();
    runner
        .withBean(
            PipelineOptionsCustomizer.class,
            () ->
                options -> {
                  customized.add("pipeline");
                  return options;
                })
        .run(
            context -> {
              context.getBean(ProbeSelectMetrics.class).bindTo(registry);
              assertThat(context.getBean(Pipeline.class).manifest().name()).isEqualTo("tiny-sd2");
              context.getBean(ImageModel.class).call(new ImagePrompt("a red circle"));
            });

    assertThat(customized).containsExactly("pipeline");
    assertThat(registry.get("probeselect.images").counter().count()).isEqualTo(1);
    assertThat(registry.get("probeselect.candidates.started").counter().count()).isEqualTo(4);
  }

  @Test
  void withoutTheArtifactThereAreNoMeters() {
    runner
        .withClassLoader(new FilteredClassLoader(ProbeSelectMetrics.class))
        .withPropertyValues("spring.ai.model.image=none")
        .run(
            context ->
                assertThat(context).hasNotFailed().doesNotHaveBean(ProbeSelectMetrics.class));
  }
}
