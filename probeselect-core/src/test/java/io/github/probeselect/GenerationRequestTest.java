package io.github.probeselect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.github.probeselect.error.InvalidRequestException;
import io.github.probeselect.model.Observation;
import io.github.probeselect.model.PreviewProbe;
import io.github.probeselect.model.Probe;
import io.github.probeselect.model.QualityMetric;
import io.github.probeselect.model.Signal;
import io.github.probeselect.selection.Cut;
import io.github.probeselect.selection.DecisionPoint;
import io.github.probeselect.testing.FakePipeline;
import io.github.probeselect.testing.Stage;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class GenerationRequestTest {

  @RegisterExtension final FakePipeline fake = new FakePipeline();

  @Test
  void whatIsNotSaidTakesTheDefaultsOfTheBundle() {
    Settings settings = fake.request(5, 1).generate().settings();

    assertThat(settings.bundle()).isEqualTo("fake");
    assertThat(settings.modelHash()).isEqualTo("0123456789");
    assertThat(settings.prompt()).isEqualTo(FakePipeline.PROMPT);
    assertThat(settings.negativePrompt()).isEmpty();
    assertThat(settings.scheduler()).isEqualTo("DDIM");
    assertThat(settings.steps()).isEqualTo(10);
    assertThat(settings.decisionSteps()).containsExactly(2);
    assertThat(settings.guidanceScale()).isEqualTo(3);
    assertThat(settings.width()).isEqualTo(32);
    assertThat(settings.height()).isEqualTo(16);
    assertThat(settings.reproducible()).isFalse();
  }

  @Test
  void theShortFormIsTheRequestWithConsecutiveSeeds() {
    GenerationResult result = fake.pipeline().generate(FakePipeline.PROMPT, 5, 2);

    assertThat(result.candidates()).extracting(Candidate::seed).containsExactly(0L, 1L, 2L, 3L, 4L);
    assertThat(result.images()).isEqualTo(fake.request(5, 2).generate().images());
  }

  @Test
  void theSizeIsWidthTimesHeight() {
    KeptImage kept = fake.request(1, 1).size(16, 64).generate().images().get(0);

    assertThat(kept.image().width()).isEqualTo(16);
    assertThat(kept.image().height()).isEqualTo(64);
    assertThat(kept.settings().latentShape().height()).isEqualTo(8);
    assertThat(kept.settings().latentShape().width()).isEqualTo(2);
  }

  @Test
  void anyLongIsASeed() {
    GenerationResult result =
        fake.pipeline()
            .request(FakePipeline.PROMPT)
            .seeds(Long.MIN_VALUE, -2, Long.MAX_VALUE)
            .keep(3)
            .generate();

    assertThat(result.images())
        .extracting(KeptImage::seed)
        .containsExactly(Long.MIN_VALUE, -2L, Long.MAX_VALUE);
  }

  @ParameterizedTest
  @CsvSource({
    "5, 4294967301",
    "-1, 4294967295",
    "-1, 9223372036854775807",
    "0, -9223372036854775808",
    "-4294967291, 5"
  })
  void seedsThatDifferByAMultipleOf2To32AreTheSameImage(long one, long other) {
    assertThat(fake.pipeline().request("a disc").seeds(one).generate().images().get(0).image())
        .isEqualTo(
            fake.pipeline().request("a disc").seeds(other).generate().images().get(0).image());
    assertThatExceptionOfType(InvalidRequestException.class)
        .isThrownBy(() -> fake.request(1, 1).seeds(one, 77, other))
        .withMessageContainingAll(
            "a seed occurs twice: " + one + " and " + other, "2^32", "the same image");
    assertThat(fake.pipeline().request("a disc").seeds(other).generate().images())
        .extracting(KeptImage::seed)
        .as("a seed is reported as it was given")
        .containsExactly(other);
  }

  @Test
  void textThatNoFileCanHoldIsRefusedWhenItIsGiven() {
    Pipeline pipeline = fake.pipeline();
    GenerationRequest request = pipeline.request("a red circle");

    unwritable("the prompt contains a NUL (U+0000) at index 5", () -> pipeline.request("a red\0"));
    unwritable(
        "the prompt contains half a surrogate pair (U+D83D) at index 6",
        () -> pipeline.request("a red \ud83d circle \ud83d\ude00"));
    unwritable("the prompt", () -> pipeline.generate("\ude00", 4, 1));
    unwritable("the negative prompt", () -> request.negativePrompt("bad\0"));
    unwritable("wording 2", () -> request.wordings("a disc", "a disc\ud83d"));
    unwritable("the wording", () -> Origin.seed(1).wording("a\0b"));
    unwritable("the name of a signal", () -> request.signals(named("pro\0be")));
    unwritable("the name of a signal", () -> request.probe(named("\ud83d")));
    unwritable(
        "the name of the metric",
        () -> request.rescoreBy(QualityMetric.of("a\0", (image, prompt) -> 0)));
    assertThat(fake.model().calls(Stage.ENCODE)).isZero();
  }

  private static void unwritable(String what, ThrowingCallable call) {
    assertThatExceptionOfType(InvalidRequestException.class)
        .isThrownBy(call)
        .withMessageContaining(what);
  }

  private static Probe named(String name) {
    return new Probe() {
      @Override
      public String name() {
        return name;
      }

      @Override
      public double[] score(Observation observation) {
        return new double[observation.size()];
      }
    };
  }

  @Test
  void randomSeedsAreDistinctAndFitOtherImageTools() {
    List<Candidate> candidates =
        fake.pipeline()
            .request(FakePipeline.PROMPT)
            .randomSeeds(20)
            .keep(1)
            .steps(1)
            .generate()
            .candidates();

    assertThat(candidates)
        .extracting(Candidate::seed)
        .hasSize(20)
        .doesNotHaveDuplicates()
        .allMatch(seed -> seed >= 0 && seed < 1L << 32);
  }

  @Test
  void aRequestMayBeUsedAgain() {
    GenerationRequest request = fake.request(4, 1);
    GenerationResult first = request.generate();
    GenerationResult second = request.keep(2).generate();
    GenerationResult third = request.generate();

    assertThat(second.images()).hasSize(2).contains(first.images().get(0));
    assertThat(third.images()).isEqualTo(first.images());
  }

  static Stream<Arguments> valuesNoModelCouldTake() {
    return Stream.of(
        refused("no candidates", "n = 0", request -> request.candidates(0)),
        refused("fewer than none", "n = -3", request -> request.candidates(-3)),
        refused(
            "more than memory holds",
            "at most 65536",
            request -> request.candidates(Integer.MAX_VALUE)),
        refused("more than memory holds", "at most 65536", request -> request.randomSeeds(65537)),
        refused(
            "more than memory holds", "at most 65536", request -> request.seeds(new long[1 << 17])),
        refused("no random candidates", "n = 0", request -> request.randomSeeds(0)),
        refused("no seeds", "no seeds", request -> request.seeds()),
        refused("a seed twice", "twice", request -> request.seeds(3, 4, 3)),
        refused("keeping none", "k = 0", request -> request.keep(0)),
        refused("no steps", "steps = 0", request -> request.steps(0)),
        refused("NaN as guidance", "NaN", request -> request.guidanceScale(Double.NaN)),
        refused("negative guidance", "-1.0", request -> request.guidanceScale(-1)),
        refused("endless guidance", "Inf", request -> request.guidanceScale(1.0 / 0)),
        refused("guidance beyond float", "1.0E200", request -> request.guidanceScale(1e200)),
        refused("an empty micro-batch", "micro-batch", request -> request.microBatchSize(0)));
  }

  @ParameterizedTest
  @MethodSource("valuesNoModelCouldTake")
  void isRefusedAtOnce(UnaryOperator<GenerationRequest> setter, String message) {
    GenerationRequest request = fake.pipeline().request(FakePipeline.PROMPT);

    assertThatExceptionOfType(InvalidRequestException.class)
        .isThrownBy(() -> setter.apply(request))
        .withMessageContaining(message);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", " ", "\t\n"})
  void anEmptyPromptIsRefused(String prompt) {
    assertThatExceptionOfType(InvalidRequestException.class)
        .isThrownBy(() -> fake.pipeline().request(prompt))
        .withMessageContaining("prompt is empty");
    assertThatExceptionOfType(InvalidRequestException.class)
        .isThrownBy(() -> fake.pipeline().generate(prompt, 2, 1));
  }

  static Stream<Arguments> whatThisModelCannotDo() {
    return Stream.of(
        refused("k beyond n", "k = 3 of n = 2", request -> request.candidates(2).keep(3)),
        refused("k beyond the default n", "k = 2 of n = 1", request -> request.keep(2)),
        refused(
            "a decision beyond the last step",
            "step 11",
            request -> request.decideAt(DecisionPoint.step(11))),
        refused("more steps than it was trained with", "1000", request -> request.steps(1001)),
        refused("too narrow", "width 8", request -> request.size(8, 32)),
        refused("too high", "height 72", request -> request.size(32, 72)),
        refused("between two sizes", "width 33", request -> request.size(33, 32)),
        refused("no size", "width 0", request -> request.size(0, 0)),
        refused("a negative size", "height -16", request -> request.size(32, -16)));
  }

  @ParameterizedTest
  @MethodSource("whatThisModelCannotDo")
  void isRefusedBeforeTheModelIsCalled(UnaryOperator<GenerationRequest> setter, String message) {
    GenerationRequest request = setter.apply(fake.pipeline().request(FakePipeline.PROMPT));

    assertThatExceptionOfType(InvalidRequestException.class)
        .isThrownBy(request::generate)
        .withMessageContaining(message);
    assertThatExceptionOfType(InvalidRequestException.class)
        .isThrownBy(request::start)
        .withMessageContaining(message);
    assertThat(fake.model().calls(Stage.ENCODE)).isZero();
  }

  @Test
  void aWrongSizeIsToldWhichSizesThereAre() {
    assertThatExceptionOfType(InvalidRequestException.class)
        .isThrownBy(() -> fake.request(1, 1).size(32, 30).generate())
        .withMessage(
            "height 30 is not a size of this model: use a multiple of 8 from 16 to 64 pixels");
  }

  @ParameterizedTest(name = "n={0} k={1}")
  @CsvSource({"0, 1", "-1, 1", "4, 0", "4, 5", "4, -2"})
  void theShortFormRefusesTheSame(int n, int k) {
    assertThatExceptionOfType(InvalidRequestException.class)
        .isThrownBy(() -> fake.pipeline().generate(FakePipeline.PROMPT, n, k));
  }

  @Test
  void aBundleWithoutProbeNeedsOneInTheRequest() {
    fake.with(manifest -> manifest.remove("probes"));

    assertThatExceptionOfType(InvalidRequestException.class)
        .isThrownBy(() -> fake.request(4, 2).generate())
        .withMessageContaining("ships no probe")
        .withMessageContaining("probe(");
    assertThat(fake.request(4, 4).generate().images()).hasSize(4);
    assertThat(fake.request(4, 2).probe(o -> new double[o.size()]).generate().images()).hasSize(2);
  }

  @Test
  void aBundleWithoutProbeButWithAMetricIsToldTheLineThatWorks() {
    fake.with(manifest -> manifest.remove("probes"));
    Pipeline pipeline = fake.pipeline();

    for (ThrowingCallable asks :
        List.<ThrowingCallable>of(
            () -> pipeline.generate(FakePipeline.PROMPT, 16, 4),
            () -> fake.request(4, 2).decideAt(DecisionPoint.fraction(0.5)).generate(),
            () -> fake.request(4, 2).cuts(Cut.at(0.2, 3), Cut.at(0.5, 2)).start(),
            () -> fake.request(4, 2).secondWave(new SecondWave(0.5, 1, 0.3)).generate())) {
      assertThatExceptionOfType(InvalidRequestException.class)
          .isThrownBy(asks)
          .withMessageContaining(
              "signals(new PreviewProbe(pipeline.model(), pipeline.metric(\"brightness\")))");
    }
    Signal preview = new PreviewProbe(pipeline.model(), pipeline.metric("brightness"));
    assertThat(fake.request(16, 4).signals(preview).generate().images()).hasSize(4);
  }

  @Test
  void aSessionWithoutProbeIsLedByHandOrToldTheLineThatWorks() {
    fake.with(manifest -> manifest.remove("probes"));
    Session session = fake.request(4, 1).open().advance(DecisionPoint.fraction(0.2));

    assertThatExceptionOfType(InvalidRequestException.class)
        .isThrownBy(() -> session.keep(2))
        .withMessageContaining("new PreviewProbe(pipeline.model(), pipeline.metric(");
    assertThat(session.keep(4).keep(Origin.seed(2)).finish().images()).hasSize(1);
    Pipeline pipeline = fake.pipeline();
    Session scored =
        fake.request(4, 1)
            .signals(new PreviewProbe(pipeline.model(), pipeline.metric("brightness")))
            .open();
    assertThat(scored.advance(DecisionPoint.fraction(0.2)).keep(2).finish().images()).hasSize(2);
  }

  @Test
  void aBareBundleIsToldWhereAMetricComesFrom() {
    fake.with(manifest -> manifest.remove(List.of("probes", "metrics")));
    Pipeline pipeline = fake.pipeline();

    assertThatExceptionOfType(InvalidRequestException.class)
        .isThrownBy(() -> pipeline.generate(FakePipeline.PROMPT, 16, 4))
        .withMessageContaining("signals(new PreviewProbe(pipeline.model(), metric))")
        .withMessageContaining("ProbeSelect.openMetric(directory)")
        .withMessageContaining("QualityMetric.of(");
    QualityMetric metric = QualityMetric.of("mine", (image, prompt) -> image.red(0, 0));
    assertThat(
            fake.request(16, 4)
                .signals(new PreviewProbe(pipeline.model(), metric))
                .generate()
                .images())
        .hasSize(4);
    assertThat(pipeline.generate(FakePipeline.PROMPT, 3, 3).images()).hasSize(3);
  }

  private static Arguments refused(
      String name, String message, UnaryOperator<GenerationRequest> setter) {
    return Arguments.of(Named.of(name, setter), message);
  }
}
