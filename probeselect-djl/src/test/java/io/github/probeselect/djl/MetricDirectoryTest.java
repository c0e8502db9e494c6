package io.github.probeselect.djl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.github.probeselect.ProbeSelect;
import io.github.probeselect.bundle.MetricDirectory;
import io.github.probeselect.error.BackendException;
import io.github.probeselect.error.InvalidRequestException;
import io.github.probeselect.image.RgbImage;
import io.github.probeselect.model.Conditioning.Reading;
import io.github.probeselect.model.LearnedMetric;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * A metric directory gives the scores that transformers gives ({@code golden.json}, written by
 * {@code random_metric_directory.py}), here those of a CLIPScore with a small random network.
 */
class MetricDirectoryTest {

  /** Of 100; no pixel of the golden images is rounded otherwise than by Pillow. */
  private static final double CLOSE = 1e-3;

  private static LearnedMetric metric;
  private static JsonNode golden;

  @BeforeAll
  static void open() throws IOException {
    metric = ProbeSelect.openMetric(ChangedMetric.original());
    golden =
        JsonMapper.builder()
            .build()
            .readTree(ChangedMetric.original().resolveSibling("golden.json").toFile());
  }

  @AfterAll
  static void close() {
    metric.close();
  }

  @Test
  void givesTheScoresOfTransformersForImagesOfAnySizeAndPromptsOfAnyLength() {
    for (JsonNode image : golden.get("images")) {
      RgbImage picture = picture(image);
      for (int i = 0; i < golden.get("prompts").size(); i++) {
        String prompt = golden.get("prompts").get(i).asText();
        assertThat(metric.score(picture, prompt))
            .as("%s and '%.20s'", picture, prompt)
            .isCloseTo(image.get("scores").get(i).asDouble(), within(CLOSE));
      }
    }
  }

  @Test
  void scoresImagesOfSeveralSizesTogetherAsOneByOne() {
    String prompt = golden.get("prompts").get(0).asText();
    List<RgbImage> images = new ArrayList<>();
    for (JsonNode image : golden.get("images")) {
      images.add(picture(image));
      images.add(picture(image));
    }

    assertThat(metric.scores(images, prompt))
        .containsExactly(
            images.stream().mapToDouble(image -> metric.score(image, prompt)).toArray(),
            within(1e-3));
  }

  @Test
  void howMuchOfAPromptItReadsIsReported() throws IOException {
    int limit = MetricDirectory.open(ChangedMetric.original()).manifest().tokenizer().length();
    String fits = "red ".repeat(limit - 2).strip();

    assertThat(metric.truncation(fits)).isEmpty();
    assertThat(metric.truncation(fits + " red red"))
        .contains(new Reading("random-clipscore", limit + 2, true, limit));
    assertThat(
            DefaultModel.pipeline()
                .request(fits + " red red")
                .steps(4)
                .rescoreBy(metric)
                .generate()
                .warnings())
        .contains(
            "the prompt is too long for the metric 'random-clipscore', which reads the first "
                + limit
                + " of "
                + (limit + 2)
                + " tokens");
  }

  @Test
  void aWordThatIsTooLongIsRefusedByTheNameOfTheMetric() {
    RgbImage image = picture(golden.get("images").get(0));
    assertThatThrownBy(() -> metric.score(image, "x".repeat(100_000)))
        .isInstanceOf(InvalidRequestException.class)
        .hasMessageStartingWith("the prompt of the metric 'random-clipscore' that begins with 'xx");
  }

  @Test
  void scoresAreRecordedUnderItsName() {
    assertThat(metric.name()).isEqualTo("random-clipscore");
  }

  @Test
  void threadsTakeTurns() throws Exception {
    JsonNode image = golden.get("images").get(0);
    RgbImage picture = picture(image);
    ExecutorService executor = Executors.newFixedThreadPool(3);
    List<Future<Double>> scores = new ArrayList<>();
    for (int call = 0; call < 12; call++) {
      String prompt = golden.get("prompts").get(call % 3).asText();
      scores.add(executor.submit(() -> metric.score(picture, prompt)));
    }

    for (int call = 0; call < scores.size(); call++) {
      assertThat(scores.get(call).get())
          .isCloseTo(image.get("scores").get(call % 3).asDouble(), within(CLOSE));
    }
    executor.shutdown();
  }

  @Test
  void releasesEverythingWhenClosedAndSaysSo() {
    int before = NativeResources.open();
    LearnedMetric opened = ProbeSelect.openMetric(ChangedMetric.original());
    RgbImage image = picture(golden.get("images").get(0));
    opened.score(image, "a red circle");
    assertThat(NativeResources.open()).isGreaterThan(before);
    opened.close();
    opened.close();

    assertThat(NativeResources.open()).isEqualTo(before);
    assertThatThrownBy(() -> opened.score(image, "a red circle"))
        .isInstanceOf(BackendException.class)
        .hasMessageContaining("the metric random-clipscore is closed");
  }

  /** The image that {@code random_metric_directory.py} makes, by the same formula. */
  private static RgbImage picture(JsonNode image) {
    int height = image.get("height").asInt();
    int width = image.get("width").asInt();
    byte[] rgb = new byte[height * width * 3];
    int at = 0;
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        rgb[at++] = (byte) (7 * x + 3 * y);
        rgb[at++] = (byte) (x * y);
        rgb[at++] = (byte) (255 - 5 * x + y);
      }
    }
    return RgbImage.of(width, height, rgb);
  }
}
