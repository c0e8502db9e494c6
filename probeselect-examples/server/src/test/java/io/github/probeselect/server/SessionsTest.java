package io.github.probeselect.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.probeselect.server.TestServer.Answer;
import io.github.probeselect.testing.FakeBundle;
import io.github.probeselect.testing.FakeModel;
import io.github.probeselect.testing.Gate;
import io.github.probeselect.testing.Stage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** The sessions of the page, by its API. */
class SessionsTest {

  private static final String EIGHT =
      "{\"prompt\":\"a red circle\",\"candidates\":8,\"keep\":2,\"seed\":3,\"reproducible\":true}";

  @TempDir Path data;
  private final Gate gate = new Gate();
  private FakeModel model = new FakeModel(FakeBundle.manifest());
  private TestServer server;

  @BeforeEach
  void start() {
    server = new TestServer(model, data);
  }

  @AfterEach
  void stop() {
    gate.open();
    server.close();
  }

  @Test
  void candidatesAreDroppedWithTheirReasonAndTheBestFinished() throws IOException {
    JsonNode session = finished(begin(EIGHT));

    List<JsonNode> kept = candidates(session, "KEPT");
    List<JsonNode> dropped = candidates(session, "DROPPED");
    assertThat(kept).hasSize(2);
    assertThat(dropped).hasSize(6);
    double worstKept =
        kept.stream().mapToDouble(one -> one.get("score").doubleValue()).min().orElseThrow();
    for (JsonNode one : dropped) {
      assertThat(one.get("stepsDone").intValue()).isEqualTo(2);
      assertThat(one.get("reason").stringValue())
          .matches("score -?[\\d.]+, number [3-8] of 8 after step 2 of 10; the best 2 went on");
      assertThat(one.has("preview")).isTrue();
      assertThat(one.has("image")).isFalse();
    }
    assertThat(worstKept).isNotNaN();
    for (JsonNode one : kept) {
      byte[] png = server.bytes(one.get("image").stringValue());
      assertThat(ImageIO.read(new ByteArrayInputStream(png)).getWidth()).isEqualTo(32);
      assertThat(new String(png, StandardCharsets.ISO_8859_1)).contains("a red circle", "Seed: ");
    }
    assertThat(session.get("evaluations").longValue())
        .as("denoiser evaluations, 8 candidates for 2 steps and 2 for 8, in two branches or one")
        .isEqualTo(session.get("withoutSelection").longValue() * (8 * 2 + 2 * 8) / 80);
    assertThat(server.get("/api/gallery").json().size()).isEqualTo(2);
  }

  @Test
  void theSameSeedsAreKeptAsByTheLibrary() {
    JsonNode session = finished(begin(EIGHT));
    Answer library =
        server.post(
            "/v1/images/generations",
            "{\"prompt\":\"a red circle\",\"candidates\":8,\"n\":2,\"seed\":3,\"reproducible\":true}");

    assertThat(candidates(session, "KEPT").stream().map(one -> one.get("seed").longValue()))
        .containsExactlyInAnyOrderElementsOf(
            StreamSupport.stream(library.json().get("data").spliterator(), false)
                .map(one -> one.get("seed").longValue())
                .toList());
  }

  @Test
  void eventsTellWhatHappens() throws Exception {
    model.at(Stage.CAPTURE, 1, gate::pass);
    String id = begin(EIGHT);
    gate.awaitArrival();
    List<String> events = new ArrayList<>();
    try (Stream<String> lines =
        HttpClient.newHttpClient()
            .send(
                server.request("/api/sessions/" + id + "/events").GET().build(),
                BodyHandlers.ofLines())
            .body()) {
      gate.open();
      lines
          .filter(line -> line.startsWith("event:") || line.startsWith("data:{\"id\""))
          .takeWhile(line -> !line.contains("\"FINISHED\""))
          .forEach(events::add);
    }

    assertThat(events)
        .contains(
            "event:state",
            "event:preview",
            "event:scores",
            "event:progress",
            "event:dropped",
            "event:image");
    assertThat(events.indexOf("event:dropped")).isLessThan(events.indexOf("event:image"));
    assertThat(events.indexOf("event:preview")).isLessThan(events.indexOf("event:dropped"));
  }

  @Test
  void aHandOnTheWheelSteersWhileItRuns() {
    model.at(Stage.CAPTURE, 1, gate::pass);
    String id = begin(EIGHT);
    gate.awaitArrival();
    var pinned =
        CompletableFuture.supplyAsync(
            () -> server.post("/api/sessions/" + id + "/candidates/6/keep", ""));
    sleep(300);
    gate.open();
    assertThat(pinned.join().status()).isEqualTo(200);

    JsonNode session = finished(id);

    assertThat(session.at("/candidates/6/state").stringValue()).isEqualTo("KEPT");
    assertThat(session.at("/candidates/6/pinned").booleanValue()).isTrue();
    assertThat(candidates(session, "KEPT")).hasSize(2);
  }

  @Test
  void aDroppedCandidateIsResumedToTheImageThatItsSeedGives() {
    String id = begin(EIGHT);
    JsonNode dropped = candidates(finished(id), "DROPPED").get(0);
    int index = dropped.get("index").intValue();

    assertThat(server.post("/api/sessions/" + id + "/candidates/" + index + "/resume", "").status())
        .isEqualTo(200);
    JsonNode session = finished(id);

    assertThat(session.at("/candidates/" + index + "/state").stringValue()).isEqualTo("KEPT");
    String alone =
        "{\"prompt\":\"a red circle\",\"candidates\":1,\"keep\":1,\"reproducible\":true,\"seed\":"
            + dropped.get("seed").longValue()
            + "}";
    JsonNode single = finished(begin(alone));
    assertThat(pixels(session.at("/candidates/" + index + "/image").stringValue()))
        .isEqualTo(pixels(single.at("/candidates/0/image").stringValue()));
  }

  @Test
  void variationsCompeteAmongThemselves() {
    String id = begin(EIGHT);
    int liked = candidates(finished(id), "KEPT").get(0).get("index").intValue();

    Answer varied =
        server.post(
            "/api/sessions/" + id + "/candidates/" + liked + "/vary",
            "{\"candidates\":4,\"keep\":1,\"strength\":0.3,\"seed\":100}");
    assertThat(varied.status()).as(varied.text()).isEqualTo(200);
    JsonNode session = finished(id);

    assertThat(session.get("candidates").size()).isEqualTo(12);
    assertThat(candidates(session, "KEPT")).hasSize(3);
    assertThat(session.at("/candidates/11/origin").stringValue()).contains("varied by 0.3");
  }

  @Test
  void aCandidateIsDroppedByHand() {
    String id = begin(EIGHT);
    finished(id);
    JsonNode session = server.get("/api/sessions/" + id).json();
    int first = candidates(session, "KEPT").get(0).get("index").intValue();
    int second = candidates(session, "KEPT").get(1).get("index").intValue();

    assertThat(drop(id, first).status()).isEqualTo(200);
    Answer last = drop(id, second);

    assertThat(last.status()).isEqualTo(409);
    assertThat(last.json().get("message").stringValue()).contains("last candidate");
  }

  private Answer drop(String id, int index) {
    return server.post("/api/sessions/" + id + "/candidates/" + index + "/drop", "");
  }

  @Test
  void aPausedSessionGoesOnAfterARestartToTheSameBits() {
    model.at(Stage.CAPTURE, 10, gate::pass);
    String id = begin(EIGHT);
    gate.awaitArrival();
    CompletableFuture<Answer> paused =
        CompletableFuture.supplyAsync(() -> server.post("/api/sessions/" + id + "/pause", ""));
    sleep(300);
    gate.open();
    assertThat(paused.join().status()).isEqualTo(200);
    TestServer.await("it is paused", () -> status(id).equals("PAUSED"));
    JsonNode whole = finished(begin(EIGHT));
    List<String> images = images(whole);
    server.close();

    model = new FakeModel(FakeBundle.manifest());
    server = new TestServer(model, data);
    assertThat(status(id)).isEqualTo("PAUSED");
    assertThat(server.get("/api/gallery").json().size()).as("the gallery").isEqualTo(2);
    assertThat(images(whole)).as("images of the session that was finished").isEqualTo(images);
    assertThat(server.post("/api/sessions/" + id + "/run", "").status()).isEqualTo(200);

    assertThat(images(finished(id))).isEqualTo(images);
  }

  private List<String> images(JsonNode session) {
    return candidates(session, "KEPT").stream()
        .map(one -> one.get("seed") + " " + pixels(one.get("image").stringValue()).hashCode())
        .toList();
  }

  @Test
  void whatIsWrongIsNamed() {
    Answer answer = server.post("/api/sessions", "{\"prompt\":\"\",\"keep\":99,\"width\":20}");

    assertThat(answer.status()).isEqualTo(400);
    assertThat(answer.json().get("fields").toString()).contains("prompt", "keep", "width");
    assertThat(server.get("/api/sessions/0123456789abcdef").status()).isEqualTo(404);
    assertThat(server.get("/api/plan?budget=3&keep=1").status()).isEqualTo(400);
    assertThat(server.get("/api/plan?budget=x").status()).isEqualTo(400);
    assertThat(server.get("/api/plan?budget=1&keep=0").json().get("fields").toString())
        .contains("keep");
  }

  @Test
  void aSessionThatRunsWhenTheServerStopsGoesOnByItself() {
    for (int call = 1; call <= 200; call++) {
      model.at(Stage.CAPTURE, call, () -> sleep(20));
    }
    String id = begin(EIGHT);
    TestServer.await(
        "it has begun",
        () -> server.get("/api/sessions/" + id).json().get("evaluations").longValue() > 0);
    server.close();

    model = new FakeModel(FakeBundle.manifest());
    server = new TestServer(model, data);

    assertThat(candidates(finished(id), "KEPT")).hasSize(2);
    assertThat(model.rows()).as("what was left").isLessThan(32);
  }

  @Test
  void aDamagedSessionIsLeftOutAndTheOthersAreThere() throws IOException {
    String broken = begin(EIGHT);
    finished(broken);
    String whole = begin(EIGHT);
    finished(whole);
    server.close();
    Path state = data.resolve("sessions").resolve(broken).resolve("candidates.session");
    Files.write(state, new byte[] {1, 2, 3});

    model = new FakeModel(FakeBundle.manifest());
    server = new TestServer(model, data);

    assertThat(server.get("/api/sessions/" + broken).status()).isEqualTo(404);
    assertThat(status(whole)).isEqualTo("FINISHED");
    assertThat(state).as("nothing is deleted").exists();
  }

  @Test
  void aDeletedSessionIsGone() {
    String id = begin(EIGHT);
    finished(id);

    assertThat(server.delete("/api/sessions/" + id).status()).isEqualTo(204);

    assertThat(server.get("/api/sessions/" + id).status()).isEqualTo(404);
    assertThat(server.get("/api/gallery").json().size()).isZero();
    assertThat(data.resolve("sessions").resolve(id)).doesNotExist();
  }

  private String begin(String request) {
    Answer answer = server.post("/api/sessions", request);
    assertThat(answer.status()).as(answer.text()).isEqualTo(202);
    return answer.json().get("id").stringValue();
  }

  private String status(String id) {
    return server.get("/api/sessions/" + id).json().get("status").stringValue();
  }

  private JsonNode finished(String id) {
    TestServer.await("it is finished", () -> status(id).equals("FINISHED"));
    return server.get("/api/sessions/" + id).json();
  }

  private static List<JsonNode> candidates(JsonNode session, String state) {
    return StreamSupport.stream(session.get("candidates").spliterator(), false)
        .filter(one -> one.get("state").stringValue().equals(state))
        .toList();
  }

  private List<Integer> pixels(String image) {
    try {
      var decoded = ImageIO.read(new ByteArrayInputStream(server.bytes(image)));
      List<Integer> pixels = new ArrayList<>();
      for (int y = 0; y < decoded.getHeight(); y++) {
        for (int x = 0; x < decoded.getWidth(); x++) {
          pixels.add(decoded.getRGB(x, y));
        }
      }
      return pixels;
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private static void sleep(long millis) {
    try {
      Thread.sleep(millis);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
