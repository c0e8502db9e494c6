package io.github.probeselect.evaluation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.probeselect.error.InvalidRequestException;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SelectionReportTest {

  private static final long SEED = 5;

  @Test
  void aPerfectSignalIsReportedAsOne() {
    var report =
        SelectionReport.of(
            List.of(
                group(new double[] {1, 2, 3}, new double[] {1, 2, 3}),
                group(new double[] {4, 6, 5}, new double[] {4, 6, 5})),
            1,
            SEED);

    assertThat(report.prompts()).isEqualTo(2);
    assertThat(report.keep()).isEqualTo(1);
    assertThat(report.withinPromptSpearman()).isEqualTo(new Interval(1, 1, 1));
    assertThat(report.promptsWithoutSpearman()).isZero();
    assertThat(report.globalSpearman()).isEqualTo(1);
    assertThat(report.capturedGain()).isEqualTo(new Interval(1, 1, 1));
    assertThat(report.gainOverRandom()).isEqualTo(new Interval(1, 1, 1));
    assertThat(report.oracleGain()).isEqualTo(1);
  }

  @Test
  void aSignalThatOnlyKnowsThePromptIsGoodGloballyAndWorthlessWithin() {
    var random = new Random(SEED);
    List<PromptGroup> groups =
        IntStream.range(0, 50)
            .mapToObj(
                prompt -> {
                  double[] signal = new double[8];
                  Arrays.fill(signal, prompt);
                  return group(
                      signal, random.doubles(8).map(noise -> prompt + 5 * noise).toArray());
                })
            .toList();

    var report = SelectionReport.of(groups, 2, SEED);

    assertThat(report.globalSpearman()).isGreaterThan(0.9);
    assertThat(report.withinPromptSpearman().value()).isZero();
    assertThat(report.gainOverRandom().value()).isCloseTo(0, within(1e-12));
    assertThat(report.capturedGain().value()).isCloseTo(0, within(1e-12));
    assertThat(report.oracleGain()).isGreaterThan(1);
  }

  @Test
  void aSignalOfTheSeedHasAnIntervalThatExcludesZeroAndARandomOneHasNot() {
    var random = new Random(SEED);
    List<PromptGroup> informed =
        IntStream.range(0, 60).mapToObj(prompt -> noisy(random, 1)).toList();
    List<PromptGroup> blind = IntStream.range(0, 60).mapToObj(prompt -> noisy(random, 0)).toList();

    var good = SelectionReport.of(informed, 1, SEED);
    var useless = SelectionReport.of(blind, 1, SEED);

    assertThat(good.withinPromptSpearman().excludes(0)).isTrue();
    assertThat(good.capturedGain().excludes(0)).isTrue();
    assertThat(good.gainOverRandom().excludes(0)).isTrue();
    assertThat(useless.withinPromptSpearman().excludes(0)).isFalse();
    assertThat(useless.gainOverRandom().excludes(0)).isFalse();
  }

  @Test
  void theCapturedGainIsARatioOfSumsNotAMeanOfRatios() {
    var report =
        SelectionReport.of(
            List.of(
                group(new double[] {1, 2}, new double[] {0, 10}),
                group(new double[] {2, 1}, new double[] {0, 0.01})),
            1,
            SEED);

    assertThat(report.capturedGain().value()).isCloseTo((5 - 0.005) / (5 + 0.005), within(1e-12));
  }

  @Test
  void promptsWhoseImagesAreAllEquallyGoodAreCountedAndLeftOut() {
    var report =
        SelectionReport.of(
            List.of(
                group(new double[] {1, 2, 3}, new double[] {1, 2, 3}),
                group(new double[] {1, 2, 3}, new double[] {0.5, 0.5, 0.5})),
            1,
            SEED);

    assertThat(report.promptsWithoutSpearman()).isEqualTo(1);
    assertThat(report.withinPromptSpearman().value()).isEqualTo(1);
    assertThat(report.gainOverRandom().value()).isEqualTo(0.5);
  }

  @Test
  void withNothingToGainTheSharesAreUndefined() {
    var report =
        SelectionReport.of(List.of(group(new double[] {1, 2}, new double[] {3, 3})), 1, SEED);

    assertThat(report.withinPromptSpearman().value()).isNaN();
    assertThat(report.capturedGain().value()).isNaN();
    assertThat(report.globalSpearman()).isNaN();
    assertThat(report.gainOverRandom()).isEqualTo(new Interval(0, 0, 0));
  }

  @Test
  void nanSignalsRankLast() {
    var report =
        SelectionReport.of(
            List.of(group(new double[] {Double.NaN, -9, 4}, new double[] {0, 1, 2})), 2, SEED);

    assertThat(report.withinPromptSpearman().value()).isEqualTo(1);
    assertThat(report.capturedGain().value()).isEqualTo(1);
  }

  @Test
  void noPromptsAndTooManyKeptAreRefused() {
    assertThatThrownBy(() -> SelectionReport.of(List.of(), 1, SEED))
        .isInstanceOf(InvalidRequestException.class);
    List<PromptGroup> groups =
        List.of(new PromptGroup("a red circle", new double[2], new double[2]));
    assertThatThrownBy(() -> SelectionReport.of(groups, 3, SEED))
        .isInstanceOf(InvalidRequestException.class)
        .hasMessageContaining("a red circle");
  }

  private static PromptGroup noisy(Random random, double knowledge) {
    double[] metric = random.doubles(8).toArray();
    double[] signal = Arrays.stream(metric).map(m -> knowledge * m + random.nextDouble()).toArray();
    return group(signal, metric);
  }

  private static PromptGroup group(double[] signal, double[] metric) {
    return new PromptGroup("a prompt", signal, metric);
  }
}
