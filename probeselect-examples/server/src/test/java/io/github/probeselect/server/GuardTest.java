package io.github.probeselect.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.probeselect.server.TestServer.Answer;
import io.github.probeselect.testing.FakeBundle;
import io.github.probeselect.testing.FakeModel;
import io.github.probeselect.testing.Stage;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class GuardTest {

  private final FakeModel model = new FakeModel(FakeBundle.manifest());
  private Path data;
  private TestServer server;

  @BeforeEach
  void start(@TempDir Path directory) {
    data = directory.resolve("data");
    server = new TestServer(model, data, "--probeselect.server.allowed-hosts=images.example");
  }

  @AfterEach
  void stop() {
    server.close();
  }

  @ParameterizedTest
  @CsvSource({
    "localhost, '', 200",
    "LOCALHOST, '', 200",
    "127.0.0.1, '', 200",
    "[::1], '', 200",
    "images.example, '', 200",
    "images.example, http://images.example, 200",
    "evil.example, '', 403",
    "localhost.evil.example, '', 403",
    "localhost, http://evil.example, 403",
    "localhost, null, 403",
    "localhost, http://localhost:1, 403",
    "localhost, http://localhost, 200",
  })
  void onlyOwnNamesAndOwnPagesAreServed(String host, String origin, int status) throws IOException {
    String answer =
        raw(
            "GET /v1/models HTTP/1.1\r\nHost: "
                + host
                + (origin.isEmpty() ? "" : "\r\nOrigin: " + origin)
                + "\r\nConnection: close\r\n\r\n");

    assertThat(answer).startsWith("HTTP/1.1 " + status);
    if (status == 403) {
      assertThat(answer).contains("{\"error\":{").doesNotContain("tiny");
    }
  }

  @Test
  void headersKeepABrowserSafe() {
    for (String path : new String[] {"/", "/v1/models", "/nothing", "/page.js"}) {
      Answer answer = server.get(path);
      assertThat(answer.header("Content-Security-Policy"))
          .contains("default-src 'none'", "frame-ancestors 'none'")
          .doesNotContain("unsafe", "http");
      assertThat(answer.header("X-Content-Type-Options")).isEqualTo("nosniff");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/../application.yaml",
        "/..%2fapplication.yaml",
        "/%2e%2e/application.yaml",
        "/..;/application.yaml",
        "/page/../../secret",
        "/api/sessions/..%2f..%2fsecret",
        "/api/sessions/../secret/candidates/0/image.png",
        "/api/sessions/0123456789abcdef/candidates/..%2f..%2fsecret/image.png",
        "/api/sessions/%00/candidates/0/image.png",
        "/api/sessions/0123456789abcdef/candidates/-1/preview.png",
        "//etc/passwd",
        "/application.yaml",
        "/error",
      })
  void nothingOutsideIsReached(String path) throws IOException {
    Files.writeString(data.resolve("secret"), "the secret");

    String answer =
        raw("GET " + path + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");

    assertThat(answer).matches("(?s)HTTP/1.1 4\\d\\d.*");
    assertThat(answer).doesNotContain("the secret", "max-swallow-size", "root:");
    assertThatHoldsNoTrace(answer);
  }

  @Test
  void aFailureShowsNoStackTrace() {
    model.at(
        Stage.PREDICT,
        3,
        () -> {
          throw new IllegalStateException("a secret in /home/someone");
        });
    for (String path : new String[] {"/v1/images/generations", "/sdapi/v1/txt2img"}) {
      Answer answer = server.post(path, "{\"prompt\":\"p\"}");
      if (path.startsWith("/v1")) {
        assertThat(answer.status()).isEqualTo(500);
        assertThat(answer.json().at("/error/type").stringValue()).isEqualTo("server_error");
      } else {
        assertThat(answer.status()).as("the next request is served").isEqualTo(200);
      }
      assertThat(answer.text()).doesNotContain("/home/someone");
      assertThatHoldsNoTrace(answer.text());
    }
  }

  @Test
  void brokenHttpShowsNoStackTrace() throws IOException {
    for (String request :
        new String[] {
          "GET /a b HTTP/1.1\r\nHost: localhost\r\n\r\n",
          "GET /%zz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
          "GARBAGE\r\n\r\n",
          "GET / HTTP/1.1\r\nHost: a b\r\n\r\n",
          "GET / HTTP/1.1\r\nConnection: close\r\n\r\n",
        }) {
      assertThatHoldsNoTrace(raw(request));
    }
  }

  private static void assertThatHoldsNoTrace(String answer) {
    assertThat(answer)
        .doesNotContain(
            "\tat ", "Exception", "io.github.probeselect", "Apache Tomcat/", "org.spring");
  }

  private String raw(String request) throws IOException {
    try (Socket socket = new Socket("localhost", server.base().getPort())) {
      socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
      socket.getOutputStream().flush();
      socket.setSoTimeout(20_000);
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
