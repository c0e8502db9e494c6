package io.github.probeselect.spring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.github.probeselect.error.InvalidRequestException;
import io.github.probeselect.planning.Budget;
import io.github.probeselect.spring.ProbeSelectImageOptions.Builder;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.springframework.ai.image.ImageOptionsBuilder;

/** Options of a call are put over those of the model. */
class ProbeSelectImageOptionsTest {

  private static ProbeSelectImageOptions options(UnaryOperator<Builder> set) {
    return set.apply(ProbeSelectImageOptions.builder()).build();
  }

  private static final ProbeSelectImageOptions EVERYTHING =
      options(
          o ->
              o.n(2)
                  .model("fake")
                  .width(32)
                  .height(16)
                  .responseFormat("b64_json")
                  .candidates(8)
                  .seed(7L)
                  .decisionFraction(0.4)
                  .steps(12)
                  .guidanceScale(2.5)
                  .negativePrompt("a blue square")
                  .timeout(Duration.ofMinutes(1))
                  .previews(true)
                  .reproducible(true)
                  .microBatchSize(3)
                  .customizer(request -> request));

  @Test
  void aConfiguredValueIsNeverOverwrittenByWhatIsNotSet() {
    assertThat(EVERYTHING.mutate().merge(options(o -> o)).build()).isEqualTo(EVERYTHING);
    assertThat(EVERYTHING.mutate().merge(null).build()).isEqualTo(EVERYTHING);
    assertThat(EVERYTHING.mutate().merge(ImageOptionsBuilder.builder().build()).build())
        .isEqualTo(EVERYTHING);
  }

  @Test
  void whatACallSaysCountsAndTheRestStays() {
    ProbeSelectImageOptions merged =
        EVERYTHING
            .mutate()
            .merge(ImageOptionsBuilder.builder().n(3).width(64).build())
            .merge(options(o -> o.steps(5)))
            .build();

    assertThat(merged).isEqualTo(EVERYTHING.mutate().n(3).width(64).steps(5).build());
    assertThat(merged.getCandidates()).isEqualTo(8);
  }

  @Test
  void keepIsN() {
    assertThat(options(o -> o.keep(4)).getN()).isEqualTo(4);
    assertThat(options(o -> o.n(3)).getKeep()).isEqualTo(3);
    assertThat(options(o -> o.keep(4))).isEqualTo(options(o -> o.n(4)));
  }

  static List<Arguments> replaced() {
    return List.of(
        Arguments.of(
            options(o -> o.candidates(8).seed(3L)),
            options(o -> o.seeds(1, 2)),
            options(o -> o.seeds(1, 2))),
        Arguments.of(
            options(o -> o.seeds(1, 2)),
            options(o -> o.candidates(4)),
            options(o -> o.candidates(4))),
        Arguments.of(
            options(o -> o.candidates(8).decisionFraction(0.3).steps(9)),
            options(o -> o.budget(Budget.fullRuns(3))),
            options(o -> o.steps(9).budget(Budget.fullRuns(3)))),
        Arguments.of(
            options(o -> o.budget(Budget.seconds(3)).n(2)),
            options(o -> o.candidates(8)),
            options(o -> o.candidates(8).n(2))),
        Arguments.of(
            options(o -> o.seed(7L).candidates(8)),
            options(o -> o.randomSeeds(true)),
            options(o -> o.randomSeeds(true).candidates(8))),
        Arguments.of(
            options(o -> o.seeds(7, 8)),
            options(o -> o.randomSeeds(false)),
            options(o -> o.seeds(7, 8).randomSeeds(false))));
  }

  @ParameterizedTest
  @MethodSource("replaced")
  void anOptionReplacesThoseThatItExcludes(
      ProbeSelectImageOptions defaults,
      ProbeSelectImageOptions over,
      ProbeSelectImageOptions expected) {
    ProbeSelectImageOptions merged = defaults.mutate().merge(over).build();

    assertThat(merged).isEqualTo(expected);
    assertThatCode(merged::requireConsistent).doesNotThrowAnyException();
  }

  static List<Arguments> contradictions() {
    return List.of(
        Arguments.of(options(o -> o.candidates(3).seeds(1, 2, 3)), "candidates and seeds"),
        Arguments.of(
            options(o -> o.candidates(3).budget(Budget.fullRuns(2))), "candidates and budget"),
        Arguments.of(options(o -> o.seed(1L).seeds(1, 2)), "seed and seeds"),
        Arguments.of(options(o -> o.seed(1L).randomSeeds(true)), "seed and randomSeeds"),
        Arguments.of(options(o -> o.seeds(1).randomSeeds(true)), "seeds and randomSeeds"),
        Arguments.of(options(o -> o.seeds(1).budget(Budget.seconds(2))), "budget and seeds"),
        Arguments.of(
            options(o -> o.decisionFraction(0.3).budget(Budget.seconds(2))),
            "budget and decisionFraction"));
  }

  @ParameterizedTest
  @MethodSource("contradictions")
  void optionsThatExcludeEachOtherAreRefusedTogether(
      ProbeSelectImageOptions options, String named) {
    assertThatExceptionOfType(InvalidRequestException.class)
        .isThrownBy(options::requireConsistent)
        .withMessageContaining(named);
  }

  @Test
  void blankTextIsNotSetAndNullTakesAValueAway() {
    assertThat(options(o -> o.model(" ").style("").responseFormat(" "))).isEqualTo(options(o -> o));
    assertThat(options(o -> o.steps(4).steps(null).seeds(1).seeds((List<Long>) null)))
        .isEqualTo(options(o -> o));
  }

  @Test
  void seedsAreCopiedAndNoneIsNull() {
    List<Long> seeds = Arrays.asList(1L, 2L);
    ProbeSelectImageOptions given = options(o -> o.seeds(seeds));
    seeds.set(0, 9L);

    assertThat(given.getSeeds()).containsExactly(1L, 2L);
    assertThatExceptionOfType(InvalidRequestException.class)
        .isThrownBy(() -> ProbeSelectImageOptions.builder().seeds(Arrays.asList(1L, null)))
        .withMessageContaining("seeds[1]");
  }

  @Test
  void whatIsSetIsPrinted() {
    assertThat(options(o -> o.candidates(8).keep(2)))
        .hasToString("ProbeSelectImageOptions{n=2, candidates=8}");
  }
}
