package io.github.probeselect.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.probeselect.server.TestServer.Answer;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

class OpenAiApiTest {

  private static final String PATH = "/v1/images/generations";

  private static TestServer server;

  @BeforeAll
  static void start(@TempDir Path data) {
    server = new TestServer(data);
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{'prompt':'a red circle'}",
        "{'prompt':'a red circle','model':'dall-e-3','response_format':'url','quality':'hd','style':'vivid'}",
        "{'prompt':'a red circle','model':null,'response_format':'b64_json','n':1,'size':'32x16','user':'x'}",
        "{'prompt':'a red circle','n':2.0,'size':'auto','background':'auto','moderation':'low'}",
      })
  void picturesComeAsBase64WhateverIsAskedFor(String request) throws IOException {
    Answer answer = server.post(PATH, json(request));

    assertThat(answer.status()).as(answer.text()).isEqualTo(200);
    byte[] png = Base64.getDecoder().decode(answer.json().at("/data/0/b64_json").stringValue());
    assertThat(ImageIO.read(new ByteArrayInputStream(png)).getWidth()).isEqualTo(32);
    assertThat(new String(png, java.nio.charset.StandardCharsets.ISO_8859_1))
        .as("the settings in the file")
        .contains("a red circle");
    assertThat(answer.json().get("created").longValue()).isPositive();
  }

  @Test
  void whatIsAskedForAtTheTopLevelHoldsForTheImages() {
    Answer answer =
        server.post(
            PATH,
            json(
                "{'prompt':'p','seed':40,'num_inference_steps':7,'guidance_scale':2.5,"
                    + "'negative_prompt':'blur','n':2,'candidates':6,'size':'48x24'}"));

    JsonNode json = answer.json();
    assertThat(json.get("data").size()).isEqualTo(2);
    assertThat(json.get("candidates").intValue()).isEqualTo(6);
    assertThat(json.get("size").stringValue()).isEqualTo("48x24");
    JsonNode first = json.at("/data/0");
    assertThat(first.get("seed").longValue()).isBetween(40L, 45L);
    assertThat(first.get("rank").intValue()).isEqualTo(1);
    assertThat(first.get("score").isNumber()).isTrue();
    String png =
        new String(
            Base64.getDecoder().decode(first.get("b64_json").stringValue()),
            java.nio.charset.StandardCharsets.ISO_8859_1);
    assertThat(png).contains("Steps: 7", "CFG scale: 2.5", "Negative prompt: blur", "48x24");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{}|prompt|missing",
        "{'prompt':' '}|prompt|empty",
        "{'prompt':null}|prompt|missing",
        "{'prompt':7}|prompt|string",
        "{'prompt':'p','n':0}|n|from 1 to 10, not 0",
        "{'prompt':'p','n':11}|n|from 1 to 10, not 11",
        "{'prompt':'p','n':1.5}|n|whole number",
        "{'prompt':'p','n':'2'}|n|whole number",
        "{'prompt':'p','n':1e30}|n|whole number",
        "{'prompt':'p','size':'1024x1024'}|size|multiples of 8 from 16 to 64",
        "{'prompt':'p','size':'20x16'}|size|multiples of 8",
        "{'prompt':'p','size':'large'}|size|WIDTHxHEIGHT",
        "{'prompt':'p','size':64}|size|string",
        "{'prompt':'p','seed':-2}|seed|from -1 to 4294967295",
        "{'prompt':'p','seed':4294967296}|seed|from -1 to 4294967295",
        "{'prompt':'p','num_inference_steps':151}|num_inference_steps|from 1 to 150",
        "{'prompt':'p','guidance_scale':-1}|guidance_scale|from 0.0 to 1000.0",
        "{'prompt':'p','candidates':65}|candidates|from 1 to 64",
        "{'prompt':'p','n':4,'candidates':3}|candidates|from 4 to 64",
        "{'prompt':'p','budget':3}|budget|calibration",
        "{'prompt':'p','decide_at':1.5}|decide_at|from 0.01 to 1.0",
        "{'prompt':'p','stream':true}|stream|not supported",
        "{'prompt':'p','response_format':'gif'}|response_format|b64_json or url",
        "{'prompt':'p','output_format':'webp'}|output_format|png",
        "{'prompt':'p','reproducible':'yes'}|reproducible|true or false",
        "{'prompt':'p','model':7}|model|string",
      })
  void aWrongFieldIsNamedWithWhatIsAllowed(String request, String field, String allowed) {
    Answer answer = server.post(PATH, json(request));

    assertThat(answer.status()).as(answer.text()).isEqualTo(400);
    JsonNode error = answer.json().get("error");
    assertThat(error.get("param").stringValue()).isEqualTo(field);
    assertThat(error.get("message").stringValue()).contains(field).contains(allowed);
    assertThat(error.get("type").stringValue()).isEqualTo("invalid_request_error");
    assertThat(error.get("code").stringValue()).isEqualTo("invalid_value");
  }

  @Test
  void allWrongFieldsAreNamed() {
    Answer answer = server.post(PATH, json("{'prompt':'','n':99,'seed':'x'}"));

    assertThat(answer.json().at("/error/message").stringValue()).contains("prompt:", "n:", "seed:");
  }

  @Test
  void aPromptIsAsLongAsTheLimitAndNoLonger() {
    assertThat(server.post(PATH, "{\"prompt\":\"" + "x".repeat(4000) + "\"}").status())
        .isEqualTo(200);
    Answer answer = server.post(PATH, "{\"prompt\":\"" + "x".repeat(4001) + "\"}");
    assertThat(answer.status()).isEqualTo(400);
    assertThat(answer.json().at("/error/message").stringValue()).contains("4001", "4000");
  }

  @Test
  void aPromptThatCannotBeWrittenIsRefused() {
    for (String prompt : List.of("a\\u0000b", "half \\ud83d")) {
      Answer answer = server.post(PATH, "{\"prompt\":\"" + prompt + "\"}");
      assertThat(answer.status()).as(answer.text()).isEqualTo(400);
      assertThat(answer.json().at("/error/message").stringValue()).contains("prompt");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "no json", "[]", "\"text\"", "{\"prompt\":\"p\"", "{} {}", "null"})
  void whatIsNoJsonObjectIsRefused(String body) {
    Answer answer = server.post(PATH, body);

    assertThat(answer.status()).isEqualTo(400);
    assertThat(answer.json().at("/error/message").stringValue()).contains("body");
    assertThat(answer.json().at("/error/param").isNull()).isTrue();
  }

  @Test
  void aFieldGivenTwiceIsRefused() {
    assertThat(server.post(PATH, json("{'prompt':'p','prompt':'q'}")).status()).isEqualTo(400);
  }

  @Test
  void anotherMediaTypeIsRefused() {
    Answer answer =
        server.send(
            server
                .request(PATH)
                .header("Content-Type", "text/plain")
                .POST(BodyPublishers.ofString(json("{'prompt':'p'}")))
                .build());

    assertThat(answer.status()).isEqualTo(415);
    assertThat(answer.json().at("/error/message").stringValue()).contains("application/json");
  }

  @Test
  void aBodyOfTenMegabytesIsRefusedInEveryApiWithItsOwnError() {
    byte[] large = ("{\"prompt\":\"" + "x".repeat(10_000_000) + "\"}").getBytes();
    List<String> errors = new ArrayList<>();
    for (String path : List.of(PATH, "/sdapi/v1/txt2img", "/api/sessions")) {
      for (boolean chunked : new boolean[] {false, true}) {
        InputStream stream = new ByteArrayInputStream(large);
        Answer answer =
            server.send(
                server
                    .request(path)
                    .header("Content-Type", "application/json")
                    .POST(
                        chunked
                            ? BodyPublishers.ofInputStream(() -> stream)
                            : BodyPublishers.ofByteArray(large))
                    .build());
        assertThat(answer.status()).isEqualTo(413);
        errors.add(answer.json().propertyNames().iterator().next());
      }
    }
    assertThat(errors).containsExactly("error", "error", "detail", "detail", "status", "status");
  }

  @Test
  void whatDoesNotExistIsAnErrorOfTheApi() {
    assertThat(server.get("/v1/nothing").json().at("/error/code").stringValue())
        .isEqualTo("not_found");
    assertThat(server.get(PATH).status()).isEqualTo(405);
    assertThat(server.get(PATH).json().at("/error/type").stringValue())
        .isEqualTo("invalid_request_error");
    assertThat(server.get("/v1/models/other").status()).isEqualTo(404);
  }

  @Test
  void theModelIsListed() {
    assertThat(server.get("/v1/models").json().at("/data/0/id").stringValue()).isEqualTo("fake");
    assertThat(server.get("/v1/models/fake").json().get("object").stringValue()).isEqualTo("model");
  }

  @Test
  void aFieldThatNobodyKnowsIsReported() {
    Answer answer = server.post(PATH, json("{'prompt':'p','stepps':3}"));

    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.json().get("warnings").toString()).contains("stepps");
  }

  private static String json(String text) {
    return text.replace('\'', '"');
  }
}
