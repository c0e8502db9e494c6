package io.github.probeselect.apps;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpServer;
import io.github.probeselect.testing.FakePipeline;
import io.github.probeselect.testing.Gate;
import io.github.probeselect.testing.Stage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class WebAppTest {

  @RegisterExtension final FakePipeline fake = new FakePipeline();

  private final ExecutorService threads = Executors.newFixedThreadPool(2);
  private final HttpClient client = HttpClient.newHttpClient();
  private HttpServer server;

  @BeforeEach
  void serve() throws IOException {
    server = WebApp.serve(fake.pipeline(), 0, threads);
  }

  @AfterEach
  void stop() {
    server.stop(0);
    threads.shutdown();
  }

  private HttpResponse<byte[]> get(String path) throws IOException, InterruptedException {
    URI uri = URI.create("http://localhost:" + server.getAddress().getPort() + path);
    return client.send(
        HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofByteArray());
  }

  @Test
  void theImageIsAPng() throws Exception {
    HttpResponse<byte[]> response = get("/image?prompt=a+red+circle");

    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(response.headers().firstValue("Content-Type")).contains("image/png");
    assertThat(ImageIO.read(new ByteArrayInputStream(response.body())).getWidth()).isEqualTo(32);
    assertThat(response.body())
        .isEqualTo(fake.pipeline().generate("a red circle", 8, 1).images().get(0).toPng());
  }

  @Test
  void theResultIsJsonWithItsImages() throws Exception {
    JsonNode result = new ObjectMapper().readTree(get("/result?prompt=a+red+circle").body());

    assertThat(result.get("prompt").asText()).isEqualTo("a red circle");
    assertThat(result.get("imageData")).hasSize(2);
  }

  @Test
  void eventsTellTheWholeCourse() throws Exception {
    String stream = new String(get("/events?prompt=a+red+circle").body(), StandardCharsets.UTF_8);

    List<String> events =
        stream.lines().filter(line -> line.startsWith("event: ")).distinct().toList();
    assertThat(events)
        .containsExactly("event: decision", "event: preview", "event: image", "event: result");
    String preview =
        stream
            .lines()
            .dropWhile(line -> !line.equals("event: preview"))
            .skip(1)
            .findFirst()
            .orElseThrow();
    JsonNode first = new ObjectMapper().readTree(preview.substring("data: ".length()));
    assertThat(first.get("stepsDone").asInt()).isEqualTo(4);
    assertThat(first.get("image").binaryValue()).isNotEmpty();
  }

  @Test
  void aBadRequestIsExplained() throws Exception {
    for (String path : List.of("/image", "/image?prompt=", "/result?prompt=%00")) {
      HttpResponse<byte[]> response = get(path);
      assertThat(response.statusCode()).isEqualTo(400);
      assertThat(new ObjectMapper().readTree(response.body()).get("error").asText()).isNotEmpty();
    }
  }

  @Test
  void aPageThatIsClosedCancelsItsGeneration() throws Exception {
    Gate gate = new Gate();
    fake.model().at(Stage.PREDICT, 3, gate::pass);
    try (Socket page =
        new Socket(server.getAddress().getAddress(), server.getAddress().getPort())) {
      page.getOutputStream()
          .write(
              "GET /events?prompt=a+star HTTP/1.1\r\nHost: localhost\r\n\r\n"
                  .getBytes(StandardCharsets.UTF_8));
      gate.awaitArrival();
      page.setSoLinger(true, 0); // the connection is reset
    }
    TimeUnit.MILLISECONDS.sleep(300);
    gate.open();
    threads.shutdown();
    assertThat(threads.awaitTermination(30, TimeUnit.SECONDS)).isTrue();

    assertThat(fake.model().calls(Stage.PREDICT)).as("of ten to the end").isLessThan(6);
  }
}
