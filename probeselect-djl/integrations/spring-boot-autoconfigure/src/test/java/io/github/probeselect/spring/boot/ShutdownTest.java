package io.github.probeselect.spring.boot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.github.probeselect.Pipeline;
import io.github.probeselect.error.BackendException;
import io.github.probeselect.error.GenerationCancelledException;
import io.github.probeselect.spring.ProbeSelectImageModel;
import io.github.probeselect.testing.FakeModel;
import io.github.probeselect.testing.Gate;
import io.github.probeselect.testing.Stage;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.ai.image.ImageModel;
import org.springframework.ai.image.ImagePrompt;
import org.springframework.ai.image.ImageResponse;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** An application that ends while images are made. */
@Timeout(60)
class ShutdownTest {

  private final Gate gate = new Gate();
  private final FakeModel fake = new FakeModel().at(Stage.PREDICT, 2, gate::pass);

  private static FakeModel current;

  @Configuration(proxyBeanMethods = false)
  @EnableAutoConfiguration
  static class Application {

    @Bean
    Pipeline pipeline() {
      return new Pipeline(current);
    }
  }

  private ConfigurableApplicationContext start(String timeout) {
    current = fake;
    SpringApplication application = new SpringApplication(Application.class);
    application.setWebApplicationType(WebApplicationType.NONE);
    application.setRegisterShutdownHook(false);
    return application.run(
        "--spring.main.banner-mode=off",
        "--spring.lifecycle.timeout-per-shutdown-phase=" + timeout);
  }

  @AfterEach
  void everythingIsClosedOnce() {
    assertThat(fake.isClosed()).isTrue();
    assertThat(fake.open()).isEmpty();
    assertThat(fake.wasClosedWhileInUse()).isFalse();
  }

  private CompletableFuture<ImageResponse> callUnderWay(ConfigurableApplicationContext context) {
    ImageModel model = context.getBean(ImageModel.class);
    CompletableFuture<ImageResponse> call =
        CompletableFuture.supplyAsync(() -> model.call(new ImagePrompt("a red circle")));
    gate.awaitArrival();
    return call;
  }

  @Test
  void aCallUnderWayEndsWithinThePhase() throws Exception {
    ConfigurableApplicationContext context = start("30s");
    ProbeSelectImageModel model = context.getBean(ProbeSelectImageModel.class);
    CompletableFuture<ImageResponse> call = callUnderWay(context);
    Thread closing = new Thread(context::close);
    closing.start();
    while (!model.activity().stopped()) {
      Thread.onSpinWait();
    }

    gate.open();
    closing.join();

    assertThat(call.get(30, TimeUnit.SECONDS).getResults()).hasSize(1);
  }

  @Test
  void aContextThatIsStoppedAndStartedAgainAcceptsCalls() {
    gate.open();
    try (ConfigurableApplicationContext context = start("30s")) {
      ImageModel model = context.getBean(ImageModel.class);

      context.stop();
      assertThatExceptionOfType(BackendException.class)
          .isThrownBy(() -> model.call(new ImagePrompt("a red circle")))
          .withMessageContaining("stopped");

      context.start();
      assertThat(model.call(new ImagePrompt("a red circle")).getResults()).hasSize(1);
    }
  }

  @Test
  void aCallThatTakesLongerIsCancelled() throws Exception {
    ConfigurableApplicationContext context = start("100ms");
    CompletableFuture<ImageResponse> call = callUnderWay(context);
    Thread closing = new Thread(context::close);
    closing.start();
    Thread.sleep(1000); // ten times the phase
    assertThat(closing.isAlive()).as("it waits for the denoiser call").isTrue();

    gate.open();
    closing.join();

    assertThatExceptionOfType(CompletionException.class)
        .isThrownBy(call::join)
        .withCauseInstanceOf(GenerationCancelledException.class);
  }
}
