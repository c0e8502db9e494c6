package io.github.probeselect.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.langchain4j.data.image.Image;
import dev.langchain4j.model.output.Response;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.ai.image.ImagePrompt;
import org.springframework.ai.image.ImageResponse;
import org.springframework.ai.openai.OpenAiImageModel;
import org.springframework.ai.openai.OpenAiImageOptions;

/** Clients that were written for OpenAI, with another base URL. */
class ClientsTest {

  private TestServer server;

  @BeforeEach
  void start(@TempDir Path data) {
    server = new TestServer(data);
  }

  @AfterEach
  void stop() {
    server.close();
  }

  private String baseUrl() {
    return server.base() + "/v1";
  }

  @Test
  void springAi() throws IOException {
    OpenAiImageModel model =
        OpenAiImageModel.builder()
            .options(OpenAiImageOptions.builder().baseUrl(baseUrl()).apiKey("none").build())
            .build();

    ImageResponse response = model.call(new ImagePrompt("a red circle"));
    assertThat(width(response.getResult().getOutput().getB64Json())).isEqualTo(32);

    ImageResponse several =
        model.call(
            new ImagePrompt(
                "a blue square",
                OpenAiImageOptions.builder()
                    .baseUrl(baseUrl())
                    .apiKey("none")
                    .model("dall-e-3")
                    .n(3)
                    .width(48)
                    .height(24)
                    .build()));
    assertThat(several.getResults()).hasSize(3);
    assertThat(width(several.getResults().get(2).getOutput().getB64Json())).isEqualTo(48);

    assertThatThrownBy(
            () ->
                model.call(
                    new ImagePrompt(
                        "a blue square",
                        OpenAiImageOptions.builder()
                            .baseUrl(baseUrl())
                            .apiKey("none")
                            .width(1024)
                            .height(1024)
                            .build())))
        .hasStackTraceContaining("multiples of 8 from 16 to 64");
  }

  @Test
  void langchain4j() throws IOException {
    var model =
        dev.langchain4j.model.openai.OpenAiImageModel.builder()
            .baseUrl(baseUrl())
            .apiKey("none")
            .modelName("gpt-image-1")
            .build();

    Response<Image> one = model.generate("a red circle");
    assertThat(width(one.content().base64Data())).isEqualTo(32);
    Response<List<Image>> three = model.generate("a red circle", 3);
    assertThat(three.content()).hasSize(3);

    var large =
        dev.langchain4j.model.openai.OpenAiImageModel.builder()
            .baseUrl(baseUrl())
            .apiKey("none")
            .modelName("gpt-image-1")
            .size("1024x1024")
            .maxRetries(0)
            .build();
    assertThatThrownBy(() -> large.generate("a red circle"))
        .hasMessageContaining("multiples of 8 from 16 to 64");
  }

  private static int width(String base64) throws IOException {
    return ImageIO.read(new ByteArrayInputStream(Base64.getDecoder().decode(base64))).getWidth();
  }
}
