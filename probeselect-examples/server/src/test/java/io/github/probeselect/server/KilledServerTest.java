package io.github.probeselect.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.probeselect.Pipeline;
import io.github.probeselect.testing.FakeBundle;
import io.github.probeselect.testing.FakeModel;
import io.github.probeselect.testing.Stage;
import java.io.File;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The process of the server is killed in the middle of a session. */
class KilledServerTest {

  private static final String REQUEST =
      "{\"prompt\":\"a red circle\",\"candidates\":6,\"keep\":2,\"seed\":9,\"reproducible\":true}";

  private final HttpClient client = HttpClient.newHttpClient();

  /** The server of the killed process, whose denoiser takes its time. */
  static final class SlowServer {

    private SlowServer() {}

    public static void main(String[] args) {
      FakeModel model = new FakeModel(FakeBundle.manifest());
      for (int call = 1; call <= 500; call++) {
        model.at(Stage.CAPTURE, call, SlowServer::sleep);
        model.at(Stage.PREDICT, call, SlowServer::sleep);
      }
      TestServer.start(new Pipeline(model), Path.of(args[0]), "--server.port=" + args[1]);
    }

    private static void sleep() {
      try {
        Thread.sleep(40);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }

  @Test
  void theSessionGoesOnToTheSameBits(@TempDir Path directory) throws Exception {
    Map<String, byte[]> undisturbed;
    try (TestServer server = new TestServer(directory.resolve("undisturbed"))) {
      String id = server.post("/api/sessions", REQUEST).json().get("id").stringValue();
      TestServer.await(
          "it is finished",
          () ->
              server
                  .get("/api/sessions/" + id)
                  .json()
                  .get("status")
                  .stringValue()
                  .equals("FINISHED"));
      undisturbed = images(server.base(), server.get("/api/sessions/" + id).json());
    }
    Path data = directory.resolve("killed");
    int port = freePort();
    URI base = URI.create("http://localhost:" + port);

    Process first = start(data, port, directory.resolve("first.log"));
    String id;
    try {
      TestServer.await("the server is up", () -> get(base, "/api/sessions") != null);
      id =
          JsonMapper.builder()
              .build()
              .readTree(
                  client
                      .send(
                          HttpRequest.newBuilder(base.resolve("/api/sessions"))
                              .header("Content-Type", "application/json")
                              .POST(BodyPublishers.ofString(REQUEST))
                              .build(),
                          BodyHandlers.ofString())
                      .body())
              .get("id")
              .stringValue();
      TestServer.await("some steps are done", () -> evaluations(base, id) >= 16);
    } finally {
      first.destroyForcibly().waitFor();
    }

    Process second = start(data, port, directory.resolve("second.log"));
    try {
      TestServer.await("the server is up again", () -> get(base, "/api/sessions/" + id) != null);
      assertThat(evaluations(base, id)).as("what was done is there").isGreaterThanOrEqualTo(14);
      TestServer.await(
          "it goes on by itself",
          () -> get(base, "/api/sessions/" + id).get("status").stringValue().equals("FINISHED"));
      Map<String, byte[]> resumed = images(base, get(base, "/api/sessions/" + id));

      assertThat(resumed.keySet()).isEqualTo(undisturbed.keySet());
      resumed.forEach(
          (seed, png) -> assertThat(png).as("seed " + seed).isEqualTo(undisturbed.get(seed)));
    } finally {
      second.destroyForcibly().waitFor();
    }
  }

  private Process start(Path data, int port, Path log) throws IOException {
    Files.createDirectories(data);
    return new ProcessBuilder(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m",
                "-cp",
                classPath(),
                SlowServer.class.getName(),
                data.toString(),
                Integer.toString(port)))
        .redirectErrorStream(true)
        .redirectOutput(log.toFile())
        .start();
  }

  /** Surefire may hold the class path in a jar of its own. */
  private static String classPath() {
    return System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"))
        .replace('\n', File.pathSeparatorChar);
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }

  private JsonNode get(URI base, String path) {
    try {
      var answer =
          client.send(
              HttpRequest.newBuilder(base.resolve(path)).GET().build(), BodyHandlers.ofString());
      return answer.statusCode() == 200
          ? JsonMapper.builder().build().readTree(answer.body())
          : null;
    } catch (IOException e) {
      return null;
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private long evaluations(URI base, String id) {
    JsonNode session = get(base, "/api/sessions/" + id);
    return session == null ? -1 : session.get("evaluations").longValue();
  }

  private Map<String, byte[]> images(URI base, JsonNode session) {
    Map<String, byte[]> images = new HashMap<>();
    for (JsonNode candidate : session.get("candidates")) {
      if (candidate.has("image")) {
        try {
          images.put(
              candidate.get("seed").toString(),
              client
                  .send(
                      HttpRequest.newBuilder(base.resolve(candidate.get("image").stringValue()))
                          .GET()
                          .build(),
                      BodyHandlers.ofByteArray())
                  .body());
        } catch (IOException | InterruptedException e) {
          throw new IllegalStateException(e);
        }
      }
    }
    return images;
  }
}
