package io.github.probeselect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.probeselect.GenerationResult.ImageForm;
import io.github.probeselect.testing.FakePipeline;
import io.github.probeselect.testing.ScriptedProbe;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

class ResultJsonTest {

  private static final ObjectMapper JACKSON = new ObjectMapper();

  @RegisterExtension final FakePipeline fake = new FakePipeline();
  @TempDir Path directory;

  private GenerationResult result() {
    return fake.request(3, 2)
        .probe(ScriptedProbe.scores(0.25, 0.75, Double.NaN))
        .previews(true)
        .generate();
  }

  @Test
  void textStreamFileAndJacksonHaveTheSameForm() throws IOException {
    GenerationResult result = result();
    var stream = new ByteArrayOutputStream();
    result.writeJson(stream, ImageForm.NAMES);
    result.writeTo(directory);

    assertThat(stream.toString(StandardCharsets.UTF_8)).isEqualTo(result.toJson());
    assertThat(directory.resolve("result.json")).hasContent(result.toJson());
    assertThat(JACKSON.readTree(JACKSON.writeValueAsString(result)))
        .isEqualTo(JACKSON.readTree(result.toJson()));
  }

  @Test
  void theImagesAreAskedForInBase64() throws IOException {
    GenerationResult result = result();

    JsonNode named = JACKSON.readTree(result.toJson());
    JsonNode whole = JACKSON.readTree(result.toJson(ImageForm.BASE64));

    assertThat(named.has("imageData")).isFalse();
    assertThat(named.get("candidates").get(0).has("preview")).isFalse();
    assertThat(whole.get("images")).isEqualTo(named.get("images")).hasSize(2);
    assertThat(whole.get("imageData").get("seed-1.png").binaryValue())
        .isEqualTo(result.images().get(0).toPng());
    assertThat(whole.get("candidates").get(2).get("preview").binaryValue())
        .isEqualTo(result.candidates().get(2).preview().orElseThrow().toPng());
  }

  @Test
  void aCandidateHasItsReadingsAndTheNameOfItsImage() throws IOException {
    JsonNode candidates = JACKSON.readTree(result().toJson()).get("candidates");

    JsonNode kept = candidates.get(1);
    assertThat(kept.get("image").asText()).isEqualTo("seed-1.png");
    assertThat(kept.get("steps").asInt()).isEqualTo(10);
    assertThat(kept.get("fractionDone").asDouble()).isEqualTo(1);
    assertThat(kept.get("readings").get(0).get("score").asDouble()).isEqualTo(0.75);
    JsonNode dropped = candidates.get(2);
    assertThat(dropped.has("image")).isFalse();
    assertThat(dropped.get("fractionDone").asDouble()).isEqualTo(0.2);
    assertThat(dropped.get("readings").get(0).get("score").isNull()).isTrue();
  }

  @Test
  void planAndTimesAreThere() throws IOException {
    GenerationResult result = result();
    JsonNode json = JACKSON.readTree(result.toJson());

    assertThat(json.get("plan").toString())
        .isEqualTo(
            "{\"steps\":10,\"cuts\":[{\"stepsDone\":2,\"keep\":2}],\"keep\":2,\"rescored\":false}");
    assertThat(json.get("share").asDouble()).isEqualTo(result.evaluations().share());
    assertThat(json.get("latentShape").get("channels").asInt())
        .isEqualTo(result.settings().latentShape().channels());
    assertThat(json.get("timings").fieldNames())
        .toIterable()
        .containsExactly("encode", "early", "decide", "remaining", "decode", "total");
    assertThat(json.get("timings").get("total").get("wallSeconds").asDouble())
        .isEqualTo(json.get("wallSeconds").asDouble());
  }

  @Test
  void anyPromptSurvives() throws IOException {
    String prompt = "ein \"grüner\" Würfel,\n赤い円 🟢 </script>\t\\";
    GenerationResult result = fake.pipeline().request(prompt).generate();

    assertThat(JACKSON.readTree(result.toJson()).get("prompt").asText()).isEqualTo(prompt);
    var stream = new ByteArrayOutputStream();
    result.writeJson(stream, ImageForm.BASE64);
    assertThat(JACKSON.readTree(stream.toByteArray()).get("prompt").asText()).isEqualTo(prompt);
  }

  @Test
  void numbersDoNotDependOnTheLanguage() {
    GenerationResult result = result();
    Locale before = Locale.getDefault();
    try {
      Locale.setDefault(Locale.forLanguageTag("ar-EG"));
      assertThat(result.toJson()).contains("\"score\" : 0.75").contains("seed-1.png");
    } finally {
      Locale.setDefault(before);
    }
  }

  @Test
  void theMapCannotBeChanged() {
    assertThat(result().toMap()).isUnmodifiable();
  }

  @Test
  void theStreamStaysOpenAndItsFailureIsPassedOn() throws IOException {
    GenerationResult result = result();
    var closed = new AtomicBoolean();
    result.writeJson(
        new ByteArrayOutputStream() {
          @Override
          public void close() {
            closed.set(true);
          }
        },
        ImageForm.NAMES);
    assertThat(closed).isFalse();

    OutputStream gone =
        new OutputStream() {
          @Override
          public void write(int b) throws IOException {
            throw new IOException("the client went away");
          }
        };
    assertThatIOException()
        .isThrownBy(() -> result.writeJson(gone, ImageForm.BASE64))
        .withMessageContaining("went away");
  }
}
