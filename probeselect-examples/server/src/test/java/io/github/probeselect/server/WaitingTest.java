package io.github.probeselect.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.probeselect.server.TestServer.Answer;
import io.github.probeselect.testing.FakeBundle;
import io.github.probeselect.testing.FakeModel;
import io.github.probeselect.testing.Gate;
import io.github.probeselect.testing.Stage;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Places in the queue, clients that go away, and requests that come again. */
class WaitingTest {

  private static final String PATH = "/v1/images/generations";

  private final FakeModel model = new FakeModel(FakeBundle.manifest());
  private final Gate gate = new Gate();
  private TestServer server;

  @BeforeEach
  void start(@TempDir Path data) {
    server = new TestServer(model, data, "--probeselect.server.waiting=2");
  }

  @AfterEach
  void stop() {
    gate.open();
    server.close();
  }

  @Test
  void whoFindsNoPlaceIsToldWhenToComeAgain() {
    server.post(PATH, request("to measure by"));
    model.at(Stage.PREDICT, model.calls(Stage.PREDICT) + 2, gate::pass);
    CompletableFuture<Answer> running = server.postLater(PATH, request("a"));
    gate.awaitArrival();
    CompletableFuture<Answer> second = server.postLater(PATH, request("b"));
    CompletableFuture<Answer> third = server.postLater(PATH, request("c"));
    TestServer.await("three are there", () -> server.busy() == 3);

    for (String path : new String[] {PATH, "/sdapi/v1/txt2img", "/api/sessions"}) {
      Answer refused = server.post(path, request("d"));
      assertThat(refused.status()).isEqualTo(429);
      assertThat(Integer.parseInt(refused.header("Retry-After"))).isBetween(1, 60);
    }
    assertThat(server.post(PATH, request("d")).json().at("/error/code").stringValue())
        .isEqualTo("queue_full");

    gate.open();
    assertThat(running.join().status()).isEqualTo(200);
    assertThat(second.join().status()).isEqualTo(200);
    assertThat(third.join().status()).isEqualTo(200);
    assertThat(server.get("/api/sessions").json().size()).as("the refused session").isZero();
  }

  @Test
  void aClientThatGoesAwayFreesItsPlaceWithinAStep() throws IOException {
    model.at(Stage.PREDICT, 5, gate::pass);
    Socket client = raw(request("a"));
    gate.awaitArrival();

    client.close();
    sleep(500);
    gate.open();

    TestServer.await("the place is free", () -> server.busy() == 0);
    assertThat(model.calls(Stage.PREDICT)).as("denoiser calls").isEqualTo(5);
    assertThat(model.calls(Stage.DECODE)).isZero();
  }

  @Test
  void aClientThatGoesAwayWhileItWaitsGivesUpItsPlaceAtOnce() throws IOException {
    model.at(Stage.PREDICT, 2, gate::pass);
    CompletableFuture<Answer> running = server.postLater(PATH, request("a"));
    gate.awaitArrival();
    Socket waiting = raw(request("b"));
    TestServer.await("two are there", () -> server.busy() == 2);

    waiting.close();

    TestServer.await("one is there", () -> server.busy() == 1);
    gate.open();
    assertThat(running.join().status()).isEqualTo(200);
  }

  @Test
  void aRetryGoesOnWhereTheFirstRequestStopped() throws IOException {
    String request = "{\"prompt\":\"a\",\"candidates\":4,\"n\":1}";
    Answer without = server.post(PATH, "{\"prompt\":\"a\",\"candidates\":4,\"n\":1,\"seed\":0}");
    assertThat(without.status()).isEqualTo(200);
    int whole = model.rows();
    model.at(Stage.PREDICT, model.calls(Stage.PREDICT) + 5, gate::pass);
    Socket client = raw(request);
    gate.awaitArrival();
    client.close();
    sleep(300);
    gate.open();
    TestServer.await("the place is free", () -> server.busy() == 0);
    assertThat(model.rows()).isBetween(whole + 1, 2 * whole - 1);

    Answer retried = server.post(PATH, request);

    assertThat(retried.status()).as(retried.text()).isEqualTo(200);
    assertThat(model.rows()).as("all steps, none twice").isEqualTo(2 * whole);
    Answer again = server.post(PATH, request);
    assertThat(again.json().at("/data/0/seed"))
        .as("without a seed the next request is a new one")
        .isNotEqualTo(retried.json().at("/data/0/seed"));
  }

  @Test
  void twinsShareTheirWork() {
    model.at(Stage.PREDICT, 3, gate::pass);
    CompletableFuture<Answer> first = server.postLater(PATH, request("a"));
    gate.awaitArrival();
    CompletableFuture<Answer> second = server.postLater(PATH, request("a"));
    sleep(300);
    assertThat(server.busy()).isEqualTo(1);
    gate.open();

    assertThat(first.join().json().get("data")).isEqualTo(second.join().json().get("data"));
    int calls = model.calls(Stage.PREDICT);
    Answer late = server.post(PATH, request("a"), "X-Stainless-Retry-Count", "1");
    assertThat(late.json().get("data")).isEqualTo(first.join().json().get("data"));
    assertThat(model.calls(Stage.PREDICT)).as("nothing was computed again").isEqualTo(calls);
  }

  @Test
  void workGoesOnAsLongAsOneOfTheTwinsWaits() throws IOException {
    model.at(Stage.PREDICT, 3, gate::pass);
    Socket first = raw(request("a"));
    gate.awaitArrival();
    CompletableFuture<Answer> second = server.postLater(PATH, request("a"));
    sleep(300);

    first.close();
    sleep(300);
    gate.open();

    assertThat(second.join().status()).isEqualTo(200);
  }

  @Test
  void withASeedAFinishedTwinIsFound() {
    String seeded = "{\"prompt\":\"a\",\"seed\":5}";
    Answer first = server.post(PATH, seeded);
    int calls = model.calls(Stage.PREDICT);

    assertThat(server.post(PATH, seeded).json().get("data")).isEqualTo(first.json().get("data"));
    assertThat(model.calls(Stage.PREDICT)).isEqualTo(calls);
    assertThat(server.post(PATH, "{\"prompt\":\"a\",\"seed\":6}").status()).isEqualTo(200);
    assertThat(model.calls(Stage.PREDICT)).isGreaterThan(calls);
  }

  @Test
  void aNextRequestOnTheSameConnectionIsNotMistakenForAnEnd() throws IOException {
    model.at(Stage.PREDICT, 3, gate::pass);
    try (Socket client = raw(request("a"))) {
      gate.awaitArrival();
      client.getOutputStream().write(http("GET", "/v1/models", ""));
      client.getOutputStream().flush();
      sleep(300);
      gate.open();
      StringBuilder answers = new StringBuilder();
      byte[] buffer = new byte[1 << 16];
      while (!answers.toString().contains("\"owned_by\"")) {
        int read = client.getInputStream().read(buffer);
        assertThat(read).as("the connection stays open").isPositive();
        answers.append(new String(buffer, 0, read, StandardCharsets.ISO_8859_1));
      }
      assertThat(answers).contains("b64_json");
    }
  }

  private Socket raw(String json) throws IOException {
    Socket socket = new Socket("localhost", server.base().getPort());
    socket.getOutputStream().write(http("POST", PATH, json));
    socket.getOutputStream().flush();
    return socket;
  }

  private static byte[] http(String method, String path, String json) {
    byte[] body = json.getBytes(StandardCharsets.UTF_8);
    return (method
            + " "
            + path
            + " HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: "
            + body.length
            + "\r\n\r\n"
            + json)
        .getBytes(StandardCharsets.UTF_8);
  }

  private static String request(String prompt) {
    return "{\"prompt\":\"" + prompt + "\"}";
  }

  private static void sleep(long millis) {
    try {
      Thread.sleep(millis);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
