package io.github.probeselect.spring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.github.probeselect.Candidate;
import io.github.probeselect.Candidate.Outcome;
import io.github.probeselect.GenerationResult;
import io.github.probeselect.KeptImage;
import io.github.probeselect.error.BackendException;
import io.github.probeselect.error.InvalidRequestException;
import io.github.probeselect.model.QualityMetric;
import io.github.probeselect.planning.Budget;
import io.github.probeselect.selection.DecisionPoint;
import io.github.probeselect.spring.ProbeSelectImageOptions.Builder;
import io.github.probeselect.testing.FakePipeline;
import io.github.probeselect.testing.ScriptedProbe;
import io.github.probeselect.testing.Stage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.springframework.ai.content.Media;
import org.springframework.ai.image.ImageMessage;
import org.springframework.ai.image.ImageOptionsBuilder;
import org.springframework.ai.image.ImagePrompt;
import org.springframework.ai.image.ImageResponse;
import org.springframework.core.io.ByteArrayResource;
import org.springframework.util.MimeTypeUtils;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The image model gives what the pipeline gives. */
class ProbeSelectImageModelTest {

  private static final String PROMPT = FakePipeline.PROMPT;

  @RegisterExtension final FakePipeline fake = new FakePipeline();

  private ProbeSelectImageModel model(UnaryOperator<Builder> defaults) {
    return ProbeSelectImageModel.builder()
        .pipeline(fake.pipeline())
        .options(defaults.apply(ProbeSelectImageOptions.builder()).build())
        .build();
  }

  private ImageResponse call(UnaryOperator<Builder> options) {
    return model(o -> o)
        .call(new ImagePrompt(PROMPT, options.apply(ProbeSelectImageOptions.builder()).build()));
  }

  private static List<ProbeSelectImageGenerationMetadata> images(ImageResponse response) {
    return response.getResults().stream()
        .map(image -> (ProbeSelectImageGenerationMetadata) image.getMetadata())
        .toList();
  }

  private static ProbeSelectImageResponseMetadata metadata(ImageResponse response) {
    return (ProbeSelectImageResponseMetadata) response.getMetadata();
  }

  @Test
  void theImagesAreThoseOfThePipelineAsPngs() throws IOException {
    GenerationResult expected = fake.request(8, 2).generate();

    ImageResponse response = call(o -> o.candidates(8).keep(2));

    assertThat(response.getResults())
        .extracting(image -> image.getOutput().getB64Json())
        .containsExactlyElementsOf(
            expected.images().stream()
                .map(image -> Base64.getEncoder().encodeToString(image.toPng()))
                .toList());
    byte[] png = Base64.getDecoder().decode(response.getResult().getOutput().getB64Json());
    assertThat(ImageIO.read(new ByteArrayInputStream(png)).getWidth()).isEqualTo(32);
    assertThat(response.getResult().getOutput().getUrl()).isNull();
  }

  @Test
  void theMetadataHaveSeedScoreRankAndOutcome() {
    GenerationResult expected = fake.request(8, 2).generate();

    ImageResponse response = call(o -> o.candidates(8).keep(2));

    for (int i = 0; i < 2; i++) {
      KeptImage image = expected.images().get(i);
      ProbeSelectImageGenerationMetadata metadata = images(response).get(i);
      assertThat(metadata.getSeed()).isEqualTo(image.seed());
      assertThat(metadata.getScore()).isEqualTo(image.score().orElseThrow());
      assertThat(metadata.getRank()).isEqualTo(i + 1);
      assertThat(metadata.getOutcome()).isEqualTo(Outcome.KEPT);
      assertThat(metadata.getFinalScore()).isNull();
      assertThat(metadata.getSettings()).isEqualTo(image.settings());
      assertThat(metadata.getParameters()).isEqualTo(image.parameters());
      assertThat(metadata.isVoid()).isFalse();
    }
    assertThat(images(response).get(0).toString()).contains("rank=1", "outcome=KEPT");
  }

  @Test
  void theResponseSaysWhatWasDroppedAndSaved() {
    GenerationResult expected = fake.request(8, 2).generate();

    ProbeSelectImageResponseMetadata metadata = metadata(call(o -> o.candidates(8).keep(2)));

    assertThat(metadata.getModel()).isEqualTo("fake");
    assertThat(metadata.getCandidates()).hasSize(8);
    assertThat(metadata.getDropped())
        .hasSize(6)
        .extracting(Candidate::outcome)
        .containsOnly(Outcome.PRUNED);
    assertThat(metadata.getEvaluations().spent()).isEqualTo(8 * 2 + 2 * 8);
    assertThat(metadata.getShareSaved()).isEqualTo(1 - 32.0 / 80);
    assertThat(metadata.getWarnings()).isEqualTo(expected.warnings());
    assertThat(metadata.getTimings().total()).isPositive();
    Object evaluations = metadata.get("evaluations");
    assertThat(evaluations).isEqualTo(32L);
    assertThat(metadata.keySet())
        .contains("model", "candidates", "dropped", "shareSaved", "warnings");
  }

  @Test
  void aPromptThatWasCutIsAWarning() {
    String longPrompt = "a red circle and " + "a blue square and ".repeat(20) + "a star";

    ImageResponse response = model(o -> o).call(new ImagePrompt(longPrompt));

    assertThat(metadata(response).getWarnings()).isNotEmpty();
  }

  @Test
  void withoutOptionsFourCandidatesAreStartedForEachImage() {
    ImageResponse none = model(o -> o).call(new ImagePrompt(List.of(new ImageMessage(PROMPT))));
    ImageResponse three =
        model(o -> o).call(new ImagePrompt(PROMPT, ImageOptionsBuilder.builder().n(3).build()));

    assertThat(none.getResults()).hasSize(1);
    assertThat(metadata(none).getCandidates())
        .extracting(Candidate::seed)
        .containsExactly(0L, 1L, 2L, 3L);
    assertThat(three.getResults()).hasSize(3);
    assertThat(metadata(three).getCandidates()).hasSize(12);
  }

  @Test
  void withoutAProbeThereIsNothingToSelectBy() {
    fake.with(manifest -> manifest.putArray("probes"));

    assertThat(metadata(call(o -> o.n(2))).getCandidates()).hasSize(2);
  }

  @Test
  void withoutAProbeAMetricSelectsByPreviews() {
    fake.with(manifest -> manifest.putArray("probes"));
    QualityMetric corner = QualityMetric.of("corner", (image, prompt) -> image.red(0, 0));
    ProbeSelectImageModel model =
        ProbeSelectImageModel.builder().pipeline(fake.pipeline()).metric(corner).build();

    ImageResponse response = model.call(new ImagePrompt(PROMPT));

    assertThat(metadata(response).getCandidates())
        .hasSize(4)
        .allSatisfy(c -> assertThat(c.readings().get(0).signal()).contains("corner"));
    assertThat(images(response).get(0).getFinalScore()).isNotNull();
  }

  @Test
  void everyOptionReachesTheRequest() {
    GenerationResult expected =
        fake.pipeline()
            .request(PROMPT)
            .negativePrompt("a blue square")
            .seeds(5, 6, 7)
            .keep(2)
            .steps(6)
            .guidanceScale(2.5)
            .size(48, 16)
            .decideAt(DecisionPoint.fraction(0.5))
            .reproducible(true)
            .previews(true)
            .generate();
    int largest = fake.model().largestBatch();

    ImageResponse response =
        call(
            o ->
                o.negativePrompt("a blue square")
                    .seeds(5, 6, 7)
                    .keep(2)
                    .steps(6)
                    .guidanceScale(2.5)
                    .width(48)
                    .height(16)
                    .decisionFraction(0.5)
                    .reproducible(true)
                    .previews(true)
                    .microBatchSize(2)
                    .timeout(Duration.ofMinutes(10)));

    assertThat(metadata(response).getSettings()).isEqualTo(expected.settings());
    assertThat(images(response))
        .extracting(ProbeSelectImageGenerationMetadata::getSeed)
        .containsExactlyElementsOf(expected.images().stream().map(KeptImage::seed).toList());
    assertThat(metadata(response).getCandidates())
        .allSatisfy(candidate -> assertThat(candidate.preview()).isPresent());
    assertThat(largest).isEqualTo(1);
    assertThat(fake.model().largestBatch()).isEqualTo(1);
  }

  @Test
  void microBatchesAreAsLargeAsSaid() {
    call(o -> o.candidates(6).microBatchSize(3));

    assertThat(fake.model().largestBatch()).isEqualTo(3);
  }

  @Test
  void aCustomizerSetsWhatHasNoOption() {
    ImageResponse response =
        call(
            o ->
                o.candidates(4)
                    .keep(2)
                    .customizer(
                        request -> request.probe(ScriptedProbe.scores(0.1, 0.9, 0.6, 0.2))));

    assertThat(images(response))
        .extracting(ProbeSelectImageGenerationMetadata::getSeed)
        .containsExactly(1L, 2L);
  }

  @Test
  void seedsAreConsecutiveOrRandom() {
    assertThat(metadata(call(o -> o.candidates(3).seed(40L))).getCandidates())
        .extracting(Candidate::seed)
        .containsExactly(40L, 41L, 42L);

    List<Long> one = seeds(call(o -> o.candidates(3).randomSeeds(true)));
    List<Long> other = seeds(call(o -> o.candidates(3).randomSeeds(true)));
    assertThat(one).hasSize(3).doesNotContainAnyElementsOf(other);
  }

  private static List<Long> seeds(ImageResponse response) {
    return metadata(response).getCandidates().stream().map(Candidate::seed).toList();
  }

  @Test
  void oneSideOfTheSizeIsEnough() {
    assertThat(metadata(call(o -> o.width(64))).getSettings().height()).isEqualTo(16);
    assertThat(metadata(call(o -> o.height(64))).getSettings().width()).isEqualTo(32);
  }

  @Test
  void theOptionsOfTheModelApplyUnlessTheCallSaysOtherwise() {
    ProbeSelectImageModel model = model(o -> o.candidates(6).keep(2).steps(5));

    ImageResponse portable =
        model.call(new ImagePrompt(PROMPT, ImageOptionsBuilder.builder().n(1).build()));

    assertThat(portable.getResults()).hasSize(1);
    assertThat(metadata(portable).getCandidates()).hasSize(6);
    assertThat(metadata(portable).getSettings().steps()).isEqualTo(5);
  }

  @Test
  void messagesAreJoinedByCommas() {
    ImageResponse response =
        model(o -> o)
            .call(
                new ImagePrompt(
                    List.of(
                        new ImageMessage("a red circle"),
                        new ImageMessage("a gray background", 1f))));

    assertThat(metadata(response).getSettings().prompt())
        .isEqualTo("a red circle, a gray background");
  }

  static List<Arguments> refusedMessages() {
    Media media = new Media(MimeTypeUtils.IMAGE_PNG, new ByteArrayResource(new byte[] {1}));
    return List.of(
        Arguments.of(List.of(), "no messages"),
        Arguments.of(null, "no messages"),
        Arguments.of(List.of(new ImageMessage(" ")), "messages[0] has no text"),
        Arguments.of(
            Arrays.asList(new ImageMessage("a"), new ImageMessage(null)),
            "messages[1] has no text"),
        Arguments.of(Arrays.asList(new ImageMessage("a"), null), "messages[1] is null"),
        Arguments.of(List.of(new ImageMessage("a", 0.5f)), "weight 0.5"),
        Arguments.of(
            List.of(new ImageMessage("a"), new ImageMessage("b", -1f)),
            "put what to avoid into the option negativePrompt"),
        Arguments.of(
            List.of(new ImageMessage("a", null, List.of(media), Map.of())), "draws from text"));
  }

  @ParameterizedTest
  @MethodSource("refusedMessages")
  void messagesThatMeanSomethingElseAreRefused(List<ImageMessage> messages, String reason) {
    assertThatExceptionOfType(InvalidRequestException.class)
        .isThrownBy(() -> model(o -> o).call(new ImagePrompt(messages)))
        .withMessageContaining(reason);
  }

  static List<Arguments> refusedOptions() {
    return List.of(
        refused(o -> o.model("dall-e-3"), "this is the model fake"),
        refused(o -> o.style("vivid"), "no styles"),
        refused(o -> o.responseFormat("url"), "b64_json"),
        refused(o -> o.width(33), "width 33 is not a size of this model", "from 16 to 64"),
        refused(o -> o.height(1024), "height 1024", "multiple of 8 from 16 to 64"),
        refused(o -> o.width(0), "width 0"),
        refused(o -> o.n(0), "n = 0"),
        refused(o -> o.n(-1), "n = -1"),
        refused(o -> o.candidates(0), "candidates = 0"),
        refused(o -> o.candidates(70_000), "70000"),
        refused(o -> o.n(70_000), "70000"),
        refused(o -> o.n(Integer.MAX_VALUE), "2147483647"),
        refused(o -> o.candidates(2).n(3), "n = 3 images", "2 candidates"),
        refused(o -> o.seeds(1, 2).n(3), "n = 3 images", "2 candidates"),
        refused(o -> o.seeds(), "n = 1", "0 candidates"),
        refused(o -> o.seeds(1, 1), "a seed occurs twice"),
        refused(o -> o.steps(0), "steps = 0"),
        refused(o -> o.steps(2000), "2000"),
        refused(o -> o.guidanceScale(-1.0), "guidance scale -1.0"),
        refused(o -> o.guidanceScale(Double.NaN), "guidance scale NaN"),
        refused(o -> o.decisionFraction(0.0), "fraction above 0"),
        refused(o -> o.decisionFraction(1.5), "1.5"),
        refused(o -> o.timeout(Duration.ZERO), "timeout"),
        refused(o -> o.timeout(Duration.ofSeconds(-1)), "timeout"),
        refused(o -> o.microBatchSize(0), "micro-batch size 0"),
        refused(o -> o.negativePrompt("a\0b"), "negative prompt"),
        refused(o -> o.budget(Budget.fullRuns(3)), "no calibration"),
        refused(o -> o.customizer(request -> null), "customizer"),
        refused(o -> o.seed(1L).randomSeeds(true), "seed and randomSeeds"));
  }

  private static Arguments refused(UnaryOperator<Builder> options, String... reasons) {
    return Arguments.of(options.apply(ProbeSelectImageOptions.builder()).build(), reasons);
  }

  @ParameterizedTest
  @MethodSource("refusedOptions")
  void optionsThatTheModelCannotDoAreRefused(ProbeSelectImageOptions options, String[] reasons) {
    ProbeSelectImageModel model = model(o -> o);

    assertThatExceptionOfType(InvalidRequestException.class)
        .isThrownBy(() -> model.call(new ImagePrompt(PROMPT, options)))
        .satisfies(e -> assertThat(e.getMessage()).contains(reasons));

    assertThat(fake.model().calls(Stage.PREDICT)).isZero();
    assertThat(model.activity().running()).isZero();
    assertThat(model.activity().failed()).isOne();
  }

  @Test
  void aModelWithSuchOptionsCannotBeMade() {
    assertThatExceptionOfType(InvalidRequestException.class)
        .isThrownBy(() -> model(o -> o.width(33)))
        .withMessageContaining("width 33");
    assertThatExceptionOfType(InvalidRequestException.class)
        .isThrownBy(() -> ProbeSelectImageModel.builder().build())
        .withMessageContaining("pipeline");
    assertThatExceptionOfType(InvalidRequestException.class)
        .isThrownBy(() -> model(o -> o).call(null))
        .withMessageContaining("imagePrompt is null");
  }

  @Test
  void aFailureOfTheEngineComesThroughAndTheNextCallWorks() {
    fake.model()
        .at(
            Stage.PREDICT,
            3,
            () -> {
              throw new BackendException("the device is gone");
            });
    ProbeSelectImageModel model = model(o -> o);

    assertThatExceptionOfType(BackendException.class)
        .isThrownBy(() -> model.call(new ImagePrompt(PROMPT)))
        .withMessageContaining("the device is gone");
    assertThat(model.call(new ImagePrompt(PROMPT)).getResults()).hasSize(1);

    Activity activity = model.activity();
    assertThat(activity.failed()).isOne();
    assertThat(activity.succeeded()).isOne();
    assertThat(activity.lastFailure().orElseThrow().exception())
        .isInstanceOf(BackendException.class);
    assertThat(activity.lastSuccess()).isPresent();
  }

  @Test
  void anImageThatIsVoidIsSaidToBe() {
    fake.model().overflow(Stage.DECODE, 1);

    ImageResponse response = call(o -> o.candidates(2));

    assertThat(images(response).get(0).isVoid()).isTrue();
    assertThat(metadata(response).getWarnings()).isNotEmpty();
  }

  /** As a controller of Spring MVC does that returns it. */
  @Test
  void aResponseIsWrittenAsJson() {
    ImageResponse response = call(o -> o.candidates(3).previews(true));

    JsonNode json = new JsonMapper().valueToTree(response);

    JsonNode image = json.get("results").get(0);
    assertThat(image.get("output").get("b64Json").asString())
        .isEqualTo(response.getResult().getOutput().getB64Json());
    assertThat(image.get("metadata").get("seed").asLong())
        .isEqualTo(images(response).get(0).getSeed());
    assertThat(image.get("metadata").get("score").asDouble())
        .isEqualTo(images(response).get(0).getScore());
    assertThat(image.get("metadata").get("settings").get("steps").asInt()).isEqualTo(10);
    assertThat(json.get("metadata").get("dropped")).hasSize(2);
    assertThat(json.get("metadata").get("shareSaved").asDouble()).isGreaterThan(0);
    assertThat(json.get("metadata").get("candidates").get(0).get("rank").asInt()).isPositive();
  }
}
