package io.github.probeselect.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.probeselect.server.TestServer.Answer;
import io.github.probeselect.testing.Gate;
import io.github.probeselect.testing.Stage;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class Automatic1111ApiTest {

  private static final String PATH = "/sdapi/v1/txt2img";

  private TestServer server;

  @BeforeEach
  void start(@TempDir Path data) {
    server = new TestServer(data);
  }

  @AfterEach
  void stop() {
    server.close();
  }

  @Test
  void imagesComeWithTheirInfo() {
    Answer answer =
        server.post(
            PATH,
            json(
                "{'prompt':'a red circle','negative_prompt':'blur','seed':3,'steps':8,'cfg_scale':4,"
                    + "'width':24,'height':24,'batch_size':2,'n_iter':2,'sampler_name':'DDIMScheduler',"
                    + "'send_images':true,'alwayson_scripts':{}}"));

    assertThat(answer.status()).as(answer.text()).isEqualTo(200);
    assertThat(answer.json().get("images").size()).isEqualTo(4);
    JsonNode info = JsonMapper.builder().build().readTree(answer.json().get("info").stringValue());
    assertThat(info.get("all_seeds").size()).isEqualTo(4);
    assertThat(info.get("steps").intValue()).isEqualTo(8);
    assertThat(info.at("/infotexts/0").stringValue()).contains("Steps: 8", "CFG scale: 4", "24x24");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{}|prompt|missing",
        "{'prompt':'p','steps':0}|steps|from 1 to 150",
        "{'prompt':'p','cfg_scale':'x'}|cfg_scale|number",
        "{'prompt':'p','width':512}|width|multiples of 8 from 16 to 64",
        "{'prompt':'p','height':17}|height|multiples of 8",
        "{'prompt':'p','batch_size':4,'n_iter':4}|n_iter|at most 10",
        "{'prompt':'p','sampler_name':'Euler a'}|sampler_name|DDIMScheduler",
        "{'prompt':'p','enable_hr':true}|enable_hr|not supported",
        "{'prompt':'p','override_settings':{'sd_model_checkpoint':'other'}}|override_settings|no model",
      })
  void aWrongFieldIsADetail(String request, String field, String allowed) {
    Answer answer = server.post(PATH, json(request));

    assertThat(answer.status()).as(answer.text()).isEqualTo(422);
    JsonNode detail = answer.json().at("/detail/0");
    assertThat(detail.at("/loc/1").stringValue()).isEqualTo(field);
    assertThat(detail.get("msg").stringValue()).contains(allowed);
  }

  @Test
  void whatClientsAskFirstIsThere() {
    String title = server.get("/sdapi/v1/sd-models").json().at("/0/title").stringValue();
    assertThat(title).startsWith("fake [");
    assertThat(server.get("/sdapi/v1/options").json().get("sd_model_checkpoint").stringValue())
        .isEqualTo(title);
    assertThat(server.get("/sdapi/v1/samplers").json().at("/0/name").stringValue())
        .isEqualTo("DDIMScheduler");
    assertThat(
            server
                .post("/sdapi/v1/options", json("{'sd_model_checkpoint':'" + title + "'}"))
                .status())
        .isEqualTo(200);
    Answer other = server.post("/sdapi/v1/options", json("{'sd_model_checkpoint':'sdxl'}"));
    assertThat(other.status()).isEqualTo(422);
    assertThat(other.text()).contains("sd_model_checkpoint", "sdxl");
    assertThat(server.get("/sdapi/v1/img2img").json().get("detail").isString()).isTrue();
  }

  @Test
  void anInterruptedGenerationGivesWhatIsThere() {
    Gate gate = new Gate();
    server.model().at(Stage.PREDICT, 4, gate::pass);
    assertThat(progress().get("progress").doubleValue()).isZero();
    CompletableFuture<Answer> answer =
        server.postLater(PATH, json("{'prompt':'p','candidates':4}"));
    gate.awaitArrival();

    assertThat(progress().get("progress").doubleValue()).isBetween(0.01, 0.99);
    assertThat(progress().at("/state/sampling_steps").intValue()).isEqualTo(10);
    assertThat(server.post("/sdapi/v1/interrupt", "").status()).isEqualTo(200);
    gate.open();

    assertThat(answer.join().status()).isEqualTo(200);
    assertThat(answer.join().json().get("images").size()).isEqualTo(1);
    assertThat(answer.join().json().get("info").stringValue()).contains("\"interrupted\":true");
    assertThat(server.model().calls(Stage.PREDICT)).isEqualTo(4);
  }

  private JsonNode progress() {
    return server.get("/sdapi/v1/progress").json();
  }

  private static String json(String text) {
    return text.replace('\'', '"');
  }
}
