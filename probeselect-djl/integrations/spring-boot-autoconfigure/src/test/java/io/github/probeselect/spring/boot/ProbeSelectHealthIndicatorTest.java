package io.github.probeselect.spring.boot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.github.probeselect.Pipeline;
import io.github.probeselect.error.BackendException;
import io.github.probeselect.error.DeviceMemoryException;
import io.github.probeselect.error.ProbeSelectException;
import io.github.probeselect.spring.ProbeSelectImageModel;
import io.github.probeselect.spring.ProbeSelectImageOptions;
import io.github.probeselect.testing.FakePipeline;
import io.github.probeselect.testing.Stage;
import java.time.Clock;
import java.time.Duration;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.springframework.ai.image.ImagePrompt;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.health.autoconfigure.contributor.HealthContributorAutoConfiguration;
import org.springframework.boot.health.autoconfigure.registry.HealthContributorRegistryAutoConfiguration;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.boot.health.contributor.Status;
import org.springframework.boot.health.registry.HealthContributorRegistry;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

/** What the health indicator reports, and that it does not run the model for it. */
class ProbeSelectHealthIndicatorTest {

  /** A call with several candidates would be tried again with fewer if there is no memory. */
  private static final ProbeSelectImageOptions ONE =
      ProbeSelectImageOptions.builder().candidates(1).build();

  @RegisterExtension final FakePipeline fake = new FakePipeline();

  private ProbeSelectImageModel model() {
    return ProbeSelectImageModel.builder().pipeline(fake.pipeline()).build();
  }

  private static Health health(ProbeSelectImageModel model) {
    return new ProbeSelectHealthIndicator(model).health();
  }

  private void failAtTheFirstStep(ProbeSelectImageModel model, ProbeSelectException failure) {
    fake.model()
        .at(
            Stage.PREDICT,
            1,
            () -> {
              throw failure;
            });
    assertThatExceptionOfType(failure.getClass())
        .isThrownBy(() -> model.call(new ImagePrompt("a red circle", ONE)));
  }

  @Test
  void anIdleModelIsUpAndNothingRuns() {
    Health health = health(model());

    assertThat(health.getStatus()).isEqualTo(Status.UP);
    assertThat(health.getDetails())
        .containsEntry("bundle", "fake")
        .containsEntry("device", "cpu")
        .containsEntry("running", 0)
        .containsEntry("succeeded", 0L)
        .doesNotContainKeys("lastFailure", "lastSuccess");
    for (Stage stage : Stage.values()) {
      assertThat(fake.model().calls(stage)).as("%s", stage).isZero();
    }
  }

  @Test
  void aFailureOfTheEngineIsDownUntilACallSucceeds() {
    ProbeSelectImageModel model = model();
    failAtTheFirstStep(model, new BackendException("the device is gone"));

    Health down = health(model);
    assertThat(down.getStatus()).isEqualTo(Status.DOWN);
    assertThat(down.getDetails().get("lastFailure").toString()).contains("the device is gone");

    model.call(new ImagePrompt("a red circle"));

    assertThat(health(model).getStatus()).isEqualTo(Status.UP);
    assertThat(health(model).getDetails()).containsKeys("lastFailure", "lastSuccess");
  }

  @Test
  void aMinuteLaterTrafficMayTryAgain() {
    ProbeSelectImageModel model = model();
    failAtTheFirstStep(model, new BackendException("the device is gone"));
    Clock later = Clock.offset(Clock.systemUTC(), Duration.ofSeconds(61));

    assertThat(new ProbeSelectHealthIndicator(model, later).health().getStatus())
        .isEqualTo(Status.UP);
  }

  @Test
  void aRequestThatWasTooLargeOrRefusedDoesNotMakeItDown() {
    ProbeSelectImageModel model = model();
    failAtTheFirstStep(
        model,
        new DeviceMemoryException(
            "out of memory", OptionalLong.of(1), new IllegalStateException("CUDA")));
    assertThat(health(model).getStatus()).isEqualTo(Status.UP);

    assertThatExceptionOfType(ProbeSelectException.class)
        .isThrownBy(() -> model.call(new ImagePrompt(" ")));
    assertThat(health(model).getStatus()).isEqualTo(Status.UP);
    assertThat(health(model).getDetails()).containsEntry("failed", 2L);
  }

  @Test
  void aModelThatStopsIsOutOfService() {
    ProbeSelectImageModel model = model();
    model.stop(() -> {});

    assertThat(health(model).getStatus()).isEqualTo(Status.OUT_OF_SERVICE);
  }

  @Test
  void itIsAmongTheHealthContributorsUnlessSwitchedOff() {
    ApplicationContextRunner runner =
        new ApplicationContextRunner()
            .withConfiguration(
                AutoConfigurations.of(
                    ProbeSelectImageAutoConfiguration.class,
                    ProbeSelectHealthAutoConfiguration.class,
                    HealthContributorAutoConfiguration.class,
                    HealthContributorRegistryAutoConfiguration.class))
            .withBean(Pipeline.class, fake::pipeline);

    runner.run(
        context ->
            assertThat(
                    context.getBean(HealthContributorRegistry.class).getContributor("probeselect"))
                .isInstanceOf(HealthIndicator.class));
    runner
        .withPropertyValues("management.health.probeselect.enabled=false")
        .run(context -> assertThat(context).doesNotHaveBean(ProbeSelectHealthIndicator.class));
  }
}
