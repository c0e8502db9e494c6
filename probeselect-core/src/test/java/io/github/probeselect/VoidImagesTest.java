package io.github.probeselect;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.probeselect.Candidate.Outcome;
import io.github.probeselect.image.RgbImage;
import io.github.probeselect.internal.io.PngFile;
import io.github.probeselect.model.PreviewProbe;
import io.github.probeselect.model.QualityMetric;
import io.github.probeselect.selection.DecisionPoint;
import io.github.probeselect.testing.FakePipeline;
import io.github.probeselect.testing.Stage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Numbers that are not finite and arise after the last check: in decoders and in metrics. */
class VoidImagesTest {

  @RegisterExtension final FakePipeline fake = new FakePipeline();

  @TempDir private Path directory;

  @Test
  void anImageThatIsNotMadeOfFiniteNumbersIsMarkedAndTheOthersAreWhatTheyAre() {
    List<KeptImage> whole = fake.request(4, 4).generate().images();
    fake.model().overflow(Stage.DECODE, 4 + 3);

    GenerationResult result = fake.request(4, 4).generate();

    assertThat(result.images())
        .extracting(KeptImage::isVoid)
        .containsExactly(false, false, true, false);
    for (int i : new int[] {0, 1, 3}) {
      assertThat(result.images().get(i)).isEqualTo(whole.get(i));
    }
    assertThat(result.warnings()).hasSize(1);
    assertThat(result.warnings().get(0))
        .startsWith("seed 2: its latents are finite")
        .contains("its image is void")
        .contains("--dtype float32");
  }

  @Test
  void itIsSaidInTheFilesToo() throws IOException {
    fake.model().overflow(Stage.DECODE, 2);
    GenerationResult result = fake.request(2, 2).generate();

    List<Path> images = result.writeTo(directory);

    assertThat(PngFile.readText(images.get(0))).doesNotContainKey("Warning");
    assertThat(PngFile.readText(images.get(1)).get("Warning")).contains("void");
    JsonNode json = new ObjectMapper().readTree(directory.resolve("result.json").toFile());
    assertThat(json.get("voidImages")).hasSize(1);
    assertThat(json.get("voidImages").get(0).asText()).isEqualTo("seed-1.png");
    assertThat(json.get("warnings").get(0).asText()).contains("its image is void");
  }

  @Test
  void theFinalMetricDoesNotJudgeItAndItIsRankedLast() {
    fake.model().overflow(Stage.DECODE, 1);
    List<RgbImage> scored = new ArrayList<>();
    QualityMetric darkest =
        QualityMetric.of(
            "darkest",
            (image, prompt) -> {
              scored.add(image);
              return -image.blue(0, 0);
            });

    GenerationResult result = fake.request(4, 3).cuts().rescoreBy(darkest).generate();

    assertThat(scored).hasSize(3).noneMatch(RgbImage::isVoid);
    assertThat(result.images()).hasSize(3).noneMatch(KeptImage::isVoid);
    Candidate first = result.candidates().get(0);
    assertThat(first.finalScore().getAsDouble()).isNaN();
    assertThat(first.rank()).isEqualTo(4);
    assertThat(first.outcome()).isEqualTo(Outcome.FINISHED);
    assertThat(result.warnings()).singleElement().asString().contains("seed 0").contains("void");
  }

  @Test
  void aMetricThatHasNoScoreForOneImageOrFailsOnItDoesNotEndTheOthers() {
    List<RgbImage> finished = finished();
    QualityMetric moody =
        QualityMetric.of(
            "moody",
            (image, prompt) -> {
              int place = finished.indexOf(image);
              if (place == 1) {
                throw new IllegalArgumentException("no circle");
              }
              return place == 2 ? Double.NEGATIVE_INFINITY : place;
            });

    GenerationResult result = fake.request(4, 4).rescoreBy(moody).generate();

    assertThat(result.images()).extracting(KeptImage::seed).containsExactly(3L, 0L, 1L, 2L);
    assertThat(result.candidates())
        .extracting(candidate -> candidate.finalScore().getAsDouble())
        .containsExactly(0.0, Double.NaN, Double.NaN, 3.0);
    assertThat(result.warnings())
        .containsExactly(
            "the metric 'moody' gave the image of seed 1 no score that is a finite number, it"
                + " failed: java.lang.IllegalArgumentException: no circle; it was ranked last",
            "the metric 'moody' gave the image of seed 2 no score that is a finite number; it was"
                + " ranked last");
  }

  private List<RgbImage> finished() {
    return fake.request(4, 4).generate().images().stream().map(KeptImage::image).toList();
  }

  @Test
  void aMetricThatGivesOnlyNanIsAWarning() {
    QualityMetric mute = QualityMetric.of("mute", (image, prompt) -> Double.NaN);

    for (int n : new int[] {1, 4}) {
      GenerationResult result = fake.request(n, n).rescoreBy(mute).generate();

      assertThat(result.images()).extracting(KeptImage::seed).startsWith(0L).hasSize(n);
      assertThat(result.warnings())
          .singleElement()
          .asString()
          .startsWith("the metric 'mute' gave none of the " + n + " finished images a score");
    }
  }

  @Test
  void aPreviewThatIsVoidIsMarkedAndNotJudged() {
    fake.model().overflow(Stage.DECODE, 2);
    List<RgbImage> scored = new ArrayList<>();
    QualityMetric metric =
        QualityMetric.of(
            "first",
            (image, prompt) -> {
              scored.add(image);
              return -scored.size();
            });

    GenerationResult result =
        fake.request(4, 2).signals(new PreviewProbe(fake.model(), metric)).generate();

    assertThat(scored).hasSize(3).noneMatch(RgbImage::isVoid);
    assertThat(result.candidates().get(1).score().getAsDouble()).isNaN();
    assertThat(result.candidates().get(1).rank()).isEqualTo(4);
    assertThat(result.images()).extracting(KeptImage::seed).containsExactly(0L, 2L);
    assertThat(result.warnings()).singleElement().asString().contains("seed 1 could not be scored");
  }

  @Test
  void aPreviewThatWasAskedForIsMarkedToo() {
    fake.model().overflow(Stage.DECODE, 3);

    GenerationResult result = fake.request(4, 2).previews(true).generate();

    assertThat(result.candidates())
        .extracting(candidate -> candidate.preview().orElseThrow().isVoid())
        .containsExactly(false, false, true, false);
    assertThat(result.warnings())
        .singleElement()
        .asString()
        .startsWith("seed 2: its preview is void");
  }

  @Test
  void aSessionMarksItsPreviewsAndImages() {
    fake.model().overflow(Stage.DECODE, 1).overflow(Stage.DECODE, 3);
    Session session = fake.request(2, 2).open().advance(DecisionPoint.step(2));

    assertThat(session.preview(Origin.seed(0)).isVoid()).isTrue();
    assertThat(session.preview(Origin.seed(1)).isVoid()).isFalse();
    GenerationResult result = session.finish();
    assertThat(result.images()).extracting(KeptImage::isVoid).containsExactly(true, false);
    assertThat(result.warnings()).singleElement().asString().startsWith("seed 0: its latents");
  }

  @Test
  void aCandidateThatDivergedIsWarnedAboutOnce() {
    fake.model().divergeAt(0, 3);

    GenerationResult result = fake.request(2, 2).generate();

    assertThat(result.images()).extracting(KeptImage::isVoid).containsExactly(true, false);
    assertThat(result.warnings()).singleElement().asString().startsWith("seed 0 diverged");
  }
}
