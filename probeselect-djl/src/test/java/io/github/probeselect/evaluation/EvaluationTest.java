package io.github.probeselect.evaluation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.within;

import io.github.probeselect.Pipeline;
import io.github.probeselect.dataset.CollectionSettings;
import io.github.probeselect.dataset.Collector;
import io.github.probeselect.dataset.Collector.Part;
import io.github.probeselect.dataset.Dataset;
import io.github.probeselect.error.InvalidRequestException;
import io.github.probeselect.model.Observation;
import io.github.probeselect.model.PreviewProbe;
import io.github.probeselect.model.Probe;
import io.github.probeselect.model.QualityMetric;
import io.github.probeselect.model.Score;
import io.github.probeselect.testing.FakeBundle;
import io.github.probeselect.testing.FakeModel;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EvaluationTest {

  private static final int SEEDS = 8;
  private static final List<String> PROMPTS =
      IntStream.range(0, 12).mapToObj(i -> "picture number " + i).toList();

  /** Some number that every image has. */
  private static final QualityMetric LUCK =
      QualityMetric.of(
          "luck", (image, prompt) -> new Random(Arrays.hashCode(image.toBytes())).nextDouble());

  @TempDir Path directory;
  private Dataset dataset;

  @BeforeEach
  void collect() throws IOException {
    try (Pipeline pipeline = new Pipeline(new FakeModel(FakeBundle.manifest()))) {
      dataset =
          new Collector(
                  pipeline,
                  CollectionSettings.of(List.of(0.2, 0.5), SEEDS).withPreviews(true),
                  List.of(LUCK))
              .collect(PROMPTS, directory, Part.WHOLE, (done, of) -> {});
    }
  }

  @Test
  void whoKnowsTheEndGainsEverything() {
    Evaluation evaluation = evaluate(sign("oracle", 1));

    for (double fraction : new double[] {0.2, 0.5}) {
      assertThat(find(evaluation, Evaluation.SPEARMAN, fraction, 8, 0).value()).isEqualTo(1);
      for (int k : new int[] {1, 2, 4}) {
        Figure captured = find(evaluation, Evaluation.CAPTURED, fraction, 8, k);
        assertThat(captured.value()).isCloseTo(1, within(1e-9));
        assertThat(captured.low()).isCloseTo(1, within(1e-9));
      }
    }
    assertThat(find(evaluation, Evaluation.CAPTURED, 0.2, 4, 2).signal()).isEqualTo("oracle");
  }

  @Test
  void whoKnowsItTheWrongWayRoundLoses() {
    Evaluation evaluation = evaluate(sign("fool", -1));

    assertThat(find(evaluation, Evaluation.SPEARMAN, 0.2, 8, 0).value()).isEqualTo(-1);
    assertThat(find(evaluation, Evaluation.GAIN, 0.2, 8, 1).high()).isNegative();
  }

  @Test
  void aSignalIsHeldAgainstThePreviewPromptByPrompt() {
    RecordedSignal oracle = sign("oracle", 1);
    RecordedSignal fool = sign(PreviewProbe.name("luck"), -1);
    Evaluation evaluation =
        Evaluation.of(dataset, List.of(oracle, fool), SignalCost.UNKNOWN, (done, of) -> {});

    Figure over = find(evaluation, Evaluation.OVER_PREVIEW, 0.2, 8, 0);
    assertThat(over.signal()).isEqualTo("oracle");
    assertThat(List.of(over.value(), over.low(), over.high())).containsOnly(2.0);
    assertThat(evaluate(oracle).figures())
        .isNotEmpty()
        .noneMatch(figure -> figure.name().equals(Evaluation.OVER_PREVIEW));
  }

  @Test
  void aBudgetIsSpentOnAsManyCandidatesAsItPaysFor() {
    Evaluation evaluation = evaluate(sign("oracle", 1));

    // Two full runs of 10 steps: one finished and (20 - 8) / 2 = 6 started at 20%.
    Figure two = find(evaluation, Evaluation.OVER_BEST_OF_N + " of 2 full runs", 0.2, 6, 1);
    double expected =
        values().stream()
            .mapToDouble(all -> Arrays.stream(all, 0, 6).max().orElseThrow() - meanOfBestOfTwo(all))
            .average()
            .orElseThrow();
    assertThat(two.value()).isCloseTo(expected, within(1e-12));
  }

  @Test
  void aBudgetThatPaysForNoMoreThanBestOfNIsNoCut() {
    Evaluation evaluation = evaluate(sign("oracle", 1));

    // Three full runs, two finished, cut at 50%: (30 - 10) / 5 = 4 started; of two, one: 3.
    assertThat(
            evaluation.figures().stream()
                .filter(figure -> figure.name().startsWith(Evaluation.OVER_BEST_OF_N))
                .filter(figure -> figure.fraction() == 0.5)
                .filter(figure -> figure.name().contains("of 3")))
        .extracting(Figure::n)
        .containsExactly(5, 4);
  }

  @Test
  void inEqualTimeACandidateCostsWhatWasMeasured() {
    // A candidate at 20% takes as long as 0.3 full runs: (2 - 0.8) / 0.3 = 4 are started.
    Evaluation evaluation = evaluate(sign("oracle", 1), (signal, fraction) -> fraction + 0.1);

    Figure two = find(evaluation, Evaluation.OVER_BEST_OF_N_IN_TIME + " of 2 full runs", 0.2, 4, 1);
    double expected =
        values().stream()
            .mapToDouble(all -> Arrays.stream(all, 0, 4).max().orElseThrow() - meanOfBestOfTwo(all))
            .average()
            .orElseThrow();
    assertThat(two.value()).isCloseTo(expected, within(1e-12));
  }

  @Test
  void nothingIsSaidOfTimeThatWasNotMeasured() {
    assertThat(evaluate(sign("oracle", 1)).figures())
        .isNotEmpty()
        .noneMatch(figure -> figure.name().startsWith(Evaluation.OVER_BEST_OF_N_IN_TIME));
  }

  @Test
  void whoKnowsThePromptAloneTellsPromptsApartAndSelectsNothing() {
    Evaluation evaluation = evaluate(RecordedSignal.promptOnly("luck"));

    assertThat(find(evaluation, Evaluation.SPEARMAN, 0.2, 8, 0).value()).isZero();
    assertThat(find(evaluation, Evaluation.GLOBAL, 0.2, 8, 0).value()).isPositive();
  }

  @Test
  void nothingIsSaidOfASignalWhereItKnowsNothing() {
    Evaluation evaluation =
        evaluate(
            RecordedSignal.of(
                "late",
                (prompt, observation) ->
                    IntStream.range(0, SEEDS)
                        .mapToDouble(j -> observation == 0 ? Double.NaN : j)
                        .toArray()));

    assertThat(evaluation.figures().stream().filter(figure -> figure.signal().equals("late")))
        .isNotEmpty()
        .allMatch(figure -> figure.fraction() == 0.5);
  }

  @Test
  void aSignalThatSaysHowFarOffItIsIsHeldToThat() {
    // Half of the scores are off by twice the deviation said, half by half of it.
    Evaluation evaluation =
        evaluate(
            RecordedSignal.ofScores(
                "honest",
                (prompt, observation) ->
                    IntStream.range(0, SEEDS)
                        .mapToObj(
                            j ->
                                new Score(
                                    prompt.score(j, "luck")
                                        + new double[] {2, 0.5, -2, -0.5}[j % 4],
                                    1))
                        .toList()));

    assertThat(find(evaluation, Evaluation.COVERAGE + "80%", 0.2, 8, 0).value()).isEqualTo(0.5);
    assertThat(find(evaluation, Evaluation.COVERAGE + "95%", 0.2, 8, 0).value()).isEqualTo(0.5);
    assertThat(find(evaluation, Evaluation.COVERAGE + "50%", 0.2, 8, 0).value()).isEqualTo(0.5);
    assertThat(evaluation.reliability("honest", 0).bins())
        .hasSize(10)
        .allSatisfy(bin -> assertThat(bin.predicted()).isEqualTo(1));
  }

  @Test
  void aSignalWithoutDeviationsIsNotHeldToAny() {
    Evaluation evaluation = evaluate(sign("oracle", 1));

    assertThat(evaluation.figures())
        .isNotEmpty()
        .noneMatch(figure -> figure.name().startsWith(Evaluation.COVERAGE));
    assertThat(evaluation.reliability("oracle", 0).bins()).isEmpty();
    assertThatExceptionOfType(InvalidRequestException.class)
        .isThrownBy(() -> evaluation.reliability("nobody", 0))
        .withMessageContaining("nobody");
  }

  @Test
  void thePopulationIsDescribed() {
    Evaluation evaluation = evaluate(RecordedSignal.random(1));

    double mean = values().stream().flatMapToDouble(Arrays::stream).average().orElseThrow();
    Figure figure =
        evaluation.figures().stream()
            .filter(candidate -> candidate.name().equals(Evaluation.MEAN))
            .findFirst()
            .orElseThrow();
    assertThat(figure.value()).isCloseTo(mean, within(1e-12));
    assertThat(evaluation.prompts()).isEqualTo(12);
  }

  @Test
  void aProbeIsShownWhatTheModelShowedIt() {
    List<Observation> seen = new ArrayList<>();
    evaluate(
        RecordedSignal.replay(
            (Probe)
                observation -> {
                  seen.add(observation);
                  return new double[observation.size()];
                }));

    assertThat(seen).hasSize(2 * PROMPTS.size());
    try (Pipeline pipeline = new Pipeline(new FakeModel(FakeBundle.manifest()))) {
      List<Double> fractions = new ArrayList<>();
      pipeline
          .request(PROMPTS.get(0))
          .candidates(SEEDS)
          .keep(1)
          .probe(
              live -> {
                Observation recorded = seen.get(0);
                fractions.add(live.fractionDone());
                assertThat(recorded.prompt()).isEqualTo(live.prompt());
                assertThat(recorded.seeds()).isEqualTo(live.seeds());
                assertThat(recorded.shape()).isEqualTo(live.shape());
                assertThat(recorded.guidanceGaps()).isEqualTo(live.guidanceGaps());
                assertThat(recorded.fractionDone()).isEqualTo(live.fractionDone());
                assertThat(recorded.conditioning().promptEmbedding())
                    .isEqualTo(live.conditioning().promptEmbedding());
                for (int row = 0; row < SEEDS; row++) {
                  assertThat(recorded.latents().get(row)).isEqualTo(live.latents().get(row));
                  assertThat(recorded.x0Predictions().get(row))
                      .isEqualTo(live.x0Predictions().get(row));
                  assertThat(recorded.activations().values(row, "up_blocks.0"))
                      .isEqualTo(live.activations().values(row, "up_blocks.0"));
                }
                return new double[SEEDS];
              })
          .generate();
      assertThat(fractions).containsExactly(0.2);
    }
    assertThatExceptionOfType(InvalidRequestException.class)
        .isThrownBy(() -> seen.get(0).activations().values(0, "nowhere"))
        .withMessageContaining("nowhere");
  }

  private Evaluation evaluate(RecordedSignal signal) {
    return evaluate(signal, SignalCost.UNKNOWN);
  }

  private Evaluation evaluate(RecordedSignal signal, SignalCost cost) {
    return Evaluation.of(dataset, List.of(signal), cost, (done, of) -> {});
  }

  private static RecordedSignal sign(String name, int sign) {
    return RecordedSignal.of(
        name,
        (prompt, observation) ->
            IntStream.range(0, SEEDS).mapToDouble(j -> sign * prompt.score(j, "luck")).toArray());
  }

  private List<double[]> values() {
    List<double[]> values = new ArrayList<>();
    dataset.forEach(
        prompt ->
            values.add(
                IntStream.range(0, SEEDS).mapToDouble(j -> prompt.score(j, "luck")).toArray()));
    return values;
  }

  private static double meanOfBestOfTwo(double[] all) {
    return IntStream.range(0, all.length)
        .boxed()
        .flatMapToDouble(i -> IntStream.range(0, i).mapToDouble(j -> Math.max(all[i], all[j])))
        .average()
        .orElseThrow();
  }

  private static Figure find(Evaluation evaluation, String name, double fraction, int n, int k) {
    return evaluation.figures().stream()
        .filter(figure -> figure.name().equals(name) && figure.fraction() == fraction)
        .filter(figure -> figure.n() == n && figure.k() == k)
        .findFirst()
        .orElseThrow();
  }
}
