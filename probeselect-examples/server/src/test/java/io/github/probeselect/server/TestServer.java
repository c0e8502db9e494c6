package io.github.probeselect.server;

import io.github.probeselect.Pipeline;
import io.github.probeselect.testing.FakeBundle;
import io.github.probeselect.testing.FakeModel;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.BooleanSupplier;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.web.server.context.WebServerApplicationContext;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.support.GenericApplicationContext;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The server on a fake model, on a port of its own. */
final class TestServer implements AutoCloseable {

  private static final JsonMapper JSON = JsonMapper.builder().build();

  private final FakeModel model;
  private final ConfigurableApplicationContext context;
  private final HttpClient client = HttpClient.newHttpClient();
  private final URI base;

  TestServer(Path data, String... options) {
    this(new FakeModel(FakeBundle.manifest()), data, options);
  }

  TestServer(FakeModel model, Path data, String... options) {
    this.model = model;
    this.context = start(new Pipeline(model), data, options);
    int port = ((WebServerApplicationContext) context).getWebServer().getPort();
    this.base = URI.create("http://localhost:" + port);
  }

  static ConfigurableApplicationContext start(Pipeline pipeline, Path data, String... options) {
    SpringApplication application = new SpringApplication(ServerApplication.class);
    application.addInitializers(
        context ->
            ((GenericApplicationContext) context).registerBean(Pipeline.class, () -> pipeline));
    List<String> arguments = new ArrayList<>(List.of(options));
    if (arguments.stream().noneMatch(option -> option.startsWith("--server.port="))) {
      arguments.add("--server.port=0");
    }
    arguments.add("--probeselect.server.data-directory=" + data);
    return application.run(arguments.toArray(String[]::new));
  }

  FakeModel model() {
    return model;
  }

  URI base() {
    return base;
  }

  /** An answer, whose body is JSON. */
  record Answer(int status, java.net.http.HttpHeaders headers, String text) {

    JsonNode json() {
      return JSON.readTree(text);
    }

    String header(String name) {
      return headers.firstValue(name).orElse("");
    }
  }

  Answer get(String path) {
    return send(request(path).GET().build());
  }

  Answer delete(String path) {
    return send(request(path).DELETE().build());
  }

  Answer post(String path, String json, String... headers) {
    return send(json(path, json, headers));
  }

  CompletableFuture<Answer> postLater(String path, String json) {
    return client
        .sendAsync(json(path, json), BodyHandlers.ofString())
        .thenApply(TestServer::answer);
  }

  private HttpRequest json(String path, String json, String... headers) {
    HttpRequest.Builder request =
        request(path)
            .header("Content-Type", "application/json")
            .POST(BodyPublishers.ofString(json));
    return headers.length == 0 ? request.build() : request.headers(headers).build();
  }

  HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(base.resolve(path));
  }

  Answer send(HttpRequest request) {
    try {
      return answer(client.send(request, BodyHandlers.ofString()));
    } catch (IOException | InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  byte[] bytes(String path) {
    try {
      return client.send(request(path).GET().build(), BodyHandlers.ofByteArray()).body();
    } catch (IOException | InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private static Answer answer(HttpResponse<String> response) {
    return new Answer(response.statusCode(), response.headers(), response.body());
  }

  /** How many requests run or wait. */
  int busy() {
    JsonNode queue = get("/api/queue").json();
    return queue.get("running").intValue() + queue.get("waiting").intValue();
  }

  /** Waits for something that happens soon. */
  static void await(String what, BooleanSupplier condition) {
    long deadline = System.nanoTime() + 60_000_000_000L;
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() > deadline) {
        throw new AssertionError("did not happen within a minute: " + what);
      }
      try {
        Thread.sleep(20);
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
    }
  }

  @Override
  public void close() {
    context.close();
  }
}
