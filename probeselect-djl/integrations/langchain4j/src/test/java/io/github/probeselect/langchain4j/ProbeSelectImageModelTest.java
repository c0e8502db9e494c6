package io.github.probeselect.langchain4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.langchain4j.data.image.Image;
import dev.langchain4j.exception.InternalServerException;
import dev.langchain4j.exception.LangChain4jException;
import dev.langchain4j.exception.TimeoutException;
import dev.langchain4j.model.image.ImageModel;
import dev.langchain4j.model.output.FinishReason;
import dev.langchain4j.model.output.Response;
import io.github.probeselect.GenerationResult;
import io.github.probeselect.KeptImage;
import io.github.probeselect.error.InvalidRequestException;
import io.github.probeselect.image.RgbImage;
import io.github.probeselect.model.QualityMetric;
import io.github.probeselect.planning.Budget;
import io.github.probeselect.testing.FakePipeline;
import io.github.probeselect.testing.ScriptedProbe;
import java.io.ByteArrayInputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class ProbeSelectImageModelTest {

  @RegisterExtension final FakePipeline fake = new FakePipeline();

  private ProbeSelectImageModel.Builder builder() {
    return ProbeSelectImageModel.builder().pipeline(fake.pipeline());
  }

  @Test
  void theBestImageIsABase64Png() throws Exception {
    ImageModel model =
        builder()
            .candidates(3)
            .customizer(request -> request.probe(ScriptedProbe.scores(0.25, 0.75, 0.5)))
            .build();

    Response<Image> response = model.generate(FakePipeline.PROMPT);

    KeptImage same =
        fake.request(3, 1).probe(ScriptedProbe.scores(0.25, 0.75, 0.5)).generate().images().get(0);
    Image image = response.content();
    assertThat(image.mimeType()).isEqualTo("image/png");
    assertThat(image.url()).isNull();
    assertThat(image.revisedPrompt()).isNull();
    byte[] png = Base64.getDecoder().decode(image.base64Data());
    assertThat(png).isEqualTo(same.toPng());
    assertThat(RgbImage.of(ImageIO.read(new ByteArrayInputStream(png)))).isEqualTo(same.image());
    assertThat(response.finishReason()).isEqualTo(FinishReason.STOP);
    assertThat(response.metadata())
        .containsEntry("seed", 1L)
        .containsEntry("score", 0.75)
        .containsEntry("rank", 1)
        .containsEntry("outcome", "KEPT")
        .containsKeys(ProbeSelectImageModel.IMAGES, ProbeSelectImageModel.RESULT);
  }

  @Test
  void severalImagesAreKeptBestFirst() {
    ImageModel model =
        builder()
            .seeds(5, 6, 7)
            .customizer(
                request -> request.probe(ScriptedProbe.scores(0, 0, 0, 0, 0, 0.1, Double.NaN, 0.9)))
            .build();

    Response<List<Image>> response = model.generate(FakePipeline.PROMPT, 2);

    assertThat(response.content()).hasSize(2);
    assertThat(images(response)).extracting(facts -> facts.get("seed")).containsExactly(7L, 5L);
    assertThat(images(response)).extracting(facts -> facts.get("rank")).containsExactly(1, 2);
    assertThat(candidates(response)).hasSize(3);
  }

  @Test
  void fourSeedsAreStartedForEachImage() {
    Response<List<Image>> response = builder().build().generate(FakePipeline.PROMPT, 2);

    assertThat(candidates(response)).hasSize(8);
  }

  @Test
  void everySettingReachesTheRequest() {
    Response<List<Image>> response =
        builder()
            .candidates(4)
            .steps(5)
            .guidanceScale(2.5)
            .size(48, 32)
            .negativePrompt("dull")
            .decideAt(0.6)
            .build()
            .generate("a star", 1);

    assertThat(result(response))
        .containsEntry("prompt", "a star")
        .containsEntry("steps", 5)
        .containsEntry("guidanceScale", 2.5)
        .containsEntry("width", 48)
        .containsEntry("height", 32)
        .containsEntry("negativePrompt", "dull")
        .containsEntry("decisionSteps", List.of(3));
  }

  @Test
  void aMetricChoosesAmongThoseThatAreFinished() {
    QualityMetric red = QualityMetric.of("red", (image, prompt) -> image.red(0, 0));
    Response<List<Image>> response =
        builder().candidates(4).keep(3).rescoreBy(red).build().generate(FakePipeline.PROMPT, 1);

    GenerationResult all = fake.request(4, 4).rescoreBy(red).generate();
    assertThat(response.content()).hasSize(1);
    assertThat(candidates(response))
        .extracting(candidate -> candidate.get("outcome"))
        .containsOnly("KEPT", "FINISHED", "PRUNED")
        .filteredOn("PRUNED"::equals)
        .hasSize(1);
    long seed = (Long) images(response).get(0).get("seed");
    assertThat(images(response).get(0).get("finalScore"))
        .isEqualTo(all.candidates().get((int) seed).finalScore().orElseThrow());
  }

  @Test
  void withoutAProbePreviewsAreScoredByTheMetric() {
    fake.with(manifest -> manifest.putArray("probes"));
    QualityMetric red = QualityMetric.of("red", (image, prompt) -> image.red(0, 0));

    assertThat(candidates(builder().build().generate(FakePipeline.PROMPT, 2))).hasSize(2);
    assertThat(candidates(builder().rescoreBy(red).build().generate(FakePipeline.PROMPT, 2)))
        .hasSize(8);
  }

  @Test
  void callsTakeTheSameSeedsUnlessOthersAreAskedFor() {
    ImageModel same = builder().candidates(2).build();
    ImageModel other = builder().candidates(2).randomSeeds(true).build();

    assertThat(same.generate("a star").content()).isEqualTo(same.generate("a star").content());
    assertThat(other.generate("a star").content()).isNotEqualTo(other.generate("a star").content());
  }

  @Test
  void whatOtherImagesNeedIsNotSupported() {
    ImageModel model = builder().build();
    Image image = model.generate("a star").content();

    assertThatThrownBy(() -> model.edit(image, "with a hat"))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> model.edit(image, image, "with a hat"))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void badCallsAreExceptionsOfLangchain4j() {
    ProbeSelectImageModel model = builder().candidates(4).build();

    for (Stream<Function<ImageModel, Object>> calls :
        List.of(
            Stream.<Function<ImageModel, Object>>of(
                m -> m.generate(" "),
                m -> m.generate(null),
                m -> m.generate("a\0b"),
                m -> m.generate("a star", 0),
                m -> m.generate("a star", -1),
                m -> m.generate("a star", 5)))) {
      calls.forEach(
          call ->
              assertThatExceptionOfType(dev.langchain4j.exception.InvalidRequestException.class)
                  .isThrownBy(() -> call.apply(model))
                  .withCauseInstanceOf(InvalidRequestException.class));
    }
  }

  @Test
  void lateAndClosedAndCancelledAreToldApart() {
    ImageModel late = builder().timeout(Duration.ofNanos(1)).build();
    assertThatExceptionOfType(TimeoutException.class).isThrownBy(() -> late.generate("a star"));

    ImageModel cancelled = builder().build();
    Thread.currentThread().interrupt();
    assertThatExceptionOfType(LangChain4jException.class)
        .isThrownBy(() -> cancelled.generate("a star"))
        .withMessageContaining("interrupted");
    assertThat(Thread.interrupted()).isTrue();

    fake.pipeline().close();
    assertThatExceptionOfType(InternalServerException.class)
        .isThrownBy(() -> cancelled.generate("a star"));
  }

  @Test
  void settingsThatNoCallCanHaveAreRefusedAtOnce() {
    QualityMetric metric = QualityMetric.of("one", (image, prompt) -> 1);
    for (ProbeSelectImageModel.Builder refused :
        List.of(
            builder().candidates(0),
            builder().keep(3),
            builder().keep(0).rescoreBy(metric),
            builder().keep(3).rescoreBy(metric).candidates(2),
            builder().budget(Budget.fullRuns(2)).candidates(3),
            builder().seeds(1, 2).candidates(3),
            builder().seeds(),
            builder().seeds(1, 1),
            builder().steps(0),
            builder().guidanceScale(-1),
            builder().size(3, 3),
            builder().decideAt(2),
            builder().timeout(Duration.ZERO),
            builder().negativePrompt("a\0b"),
            builder().customizer(request -> null),
            builder().bundle(Path.of("elsewhere")))) {
      assertThatExceptionOfType(InvalidRequestException.class).isThrownBy(refused::build);
    }
    assertThatExceptionOfType(InvalidRequestException.class)
        .isThrownBy(() -> builder().rescoreBy(null));
  }

  @Test
  void aPipelineThatWasGivenStaysOpen() {
    builder().build().close();

    assertThat(fake.request(1, 1).generate().images()).hasSize(1);
  }

  @SuppressWarnings("unchecked")
  private static List<Map<String, Object>> images(Response<?> response) {
    return (List<Map<String, Object>>) response.metadata().get(ProbeSelectImageModel.IMAGES);
  }

  @SuppressWarnings("unchecked")
  private static Map<String, Object> result(Response<?> response) {
    return (Map<String, Object>) response.metadata().get(ProbeSelectImageModel.RESULT);
  }

  @SuppressWarnings("unchecked")
  private static List<Map<String, Object>> candidates(Response<?> response) {
    return (List<Map<String, Object>>) result(response).get("candidates");
  }
}
