package io.github.probeselect.spring.boot;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.probeselect.Pipeline;
import io.github.probeselect.spring.ProbeSelectImageModel;
import io.github.probeselect.testing.FakeModel;
import io.github.probeselect.testing.Gate;
import io.github.probeselect.testing.Stage;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.ai.image.ImageModel;
import org.springframework.ai.image.ImagePrompt;
import org.springframework.ai.image.ImageResponse;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/** A web application draws on the threads of its servlets. */
@Timeout(120)
class ServletTest {

  private static FakeModel current;

  private final Gate gate = new Gate();

  @Configuration(proxyBeanMethods = false)
  @EnableAutoConfiguration
  @Import(Drawing.class)
  static class Application {

    @Bean
    Pipeline pipeline() {
      return new Pipeline(current);
    }
  }

  @RestController
  static class Drawing {

    private final ImageModel model;

    Drawing(ImageModel model) {
      this.model = model;
    }

    @GetMapping("/draw")
    ImageResponse draw() {
      return model.call(new ImagePrompt("a red circle"));
    }
  }

  private static ConfigurableApplicationContext start(FakeModel model) {
    current = model;
    SpringApplication application = new SpringApplication(Application.class);
    application.setRegisterShutdownHook(false);
    return application.run("--spring.main.banner-mode=off", "--server.port=0");
  }

  private static CompletableFuture<HttpResponse<String>> get(
      ConfigurableApplicationContext context) {
    String port = context.getEnvironment().getRequiredProperty("local.server.port");
    return HttpClient.newHttpClient()
        .sendAsync(
            HttpRequest.newBuilder(URI.create("http://localhost:" + port + "/draw"))
                .timeout(Duration.ofSeconds(60))
                .build(),
            BodyHandlers.ofString());
  }

  @Test
  void requestsAtTheSameTimeGetTheSameImageWithItsMetadata() throws Exception {
    try (ConfigurableApplicationContext context = start(new FakeModel())) {
      List<CompletableFuture<HttpResponse<String>>> requests = new ArrayList<>();
      for (int i = 0; i < 12; i++) {
        requests.add(get(context));
      }

      JsonNode first = images(requests.get(0).get(60, TimeUnit.SECONDS));
      assertThat(first.get(0).get("output").get("b64Json").asText()).startsWith("iVBORw0KGgo");
      assertThat(first.get(0).get("metadata").get("rank").asInt()).isEqualTo(1);
      for (CompletableFuture<HttpResponse<String>> request : requests) {
        assertThat(images(request.get(60, TimeUnit.SECONDS))).isEqualTo(first);
      }
    }
  }

  /** The images of an answer, without what differs from call to call. */
  private static JsonNode images(HttpResponse<String> response) throws IOException {
    assertThat(response.statusCode()).isEqualTo(200);
    return new ObjectMapper().readTree(response.body()).get("results");
  }

  @Test
  void aRequestUnderWayIsAnsweredWhenTheApplicationEnds() throws Exception {
    FakeModel model = new FakeModel().at(Stage.PREDICT, 2, gate::pass);
    ConfigurableApplicationContext context = start(model);
    ProbeSelectImageModel imageModel = context.getBean(ProbeSelectImageModel.class);
    CompletableFuture<HttpResponse<String>> request = get(context);
    gate.awaitArrival();
    Thread closing = new Thread(context::close);
    closing.start();
    while (closing.getState() != Thread.State.TIMED_WAITING) {
      Thread.onSpinWait(); // until it waits for the web server to stop
    }

    assertThat(imageModel.activity().stopped()).as("the web server stops first").isFalse();
    gate.open();
    closing.join();

    assertThat(request.get(60, TimeUnit.SECONDS).statusCode()).isEqualTo(200);
    assertThat(imageModel.activity().stopped()).isTrue();
    assertThat(model.isClosed()).isTrue();
    assertThat(model.wasClosedWhileInUse()).isFalse();
  }
}
