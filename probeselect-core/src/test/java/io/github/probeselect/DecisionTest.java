package io.github.probeselect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.entry;
import static org.assertj.core.api.Assertions.within;

import io.github.probeselect.Candidate.Outcome;
import io.github.probeselect.error.InvalidRequestException;
import io.github.probeselect.model.Observation;
import io.github.probeselect.model.Probe;
import io.github.probeselect.model.Score;
import io.github.probeselect.selection.DecisionPoint;
import io.github.probeselect.selection.Reading;
import io.github.probeselect.selection.Round;
import io.github.probeselect.selection.Round.ScoredCandidate;
import io.github.probeselect.selection.SelectionPolicy;
import io.github.probeselect.testing.FakePipeline;
import io.github.probeselect.testing.ScriptedProbe;
import io.github.probeselect.testing.Stage;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Who is kept, and what the caller is told of everyone. */
class DecisionTest {

  private static final double NAN = Double.NaN;

  @RegisterExtension final FakePipeline fake = new FakePipeline();

  @Test
  void theBestScoresAreKeptBestFirst() {
    GenerationResult result = select(2, 0.1, 0.9, 0.3, 0.7);

    assertThat(result.images()).extracting(KeptImage::seed).containsExactly(1L, 3L);
    assertThat(result.candidates()).extracting(Candidate::rank).containsExactly(4, 1, 3, 2);
    assertThat(result.candidates())
        .extracting(Candidate::outcome)
        .containsExactly(Outcome.PRUNED, Outcome.KEPT, Outcome.PRUNED, Outcome.KEPT);
    assertThat(result.candidates())
        .extracting(candidate -> candidate.score().orElseThrow())
        .containsExactly(0.1, 0.9, 0.3, 0.7);
    assertThat(result.warnings()).isEmpty();
  }

  @Test
  void candidatesComeInTheOrderOfTheRequest() {
    GenerationResult result =
        fake.pipeline().request(FakePipeline.PROMPT).seeds(30, -7, 11).keep(1).generate();

    assertThat(result.candidates()).extracting(Candidate::seed).containsExactly(30L, -7L, 11L);
  }

  @Test
  void equalScoresKeepTheOrderOfTheRequest() {
    GenerationResult result = select(3, 1, 2, 1, 2, 1, 0.0, -0.0);

    assertThat(result.candidates())
        .extracting(Candidate::rank)
        .containsExactly(3, 1, 4, 2, 5, 6, 7);
    assertThat(result.images()).extracting(KeptImage::seed).containsExactly(1L, 3L, 0L);
  }

  @ParameterizedTest
  @ValueSource(doubles = {NAN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY})
  void aScoreThatIsNoNumberIsRankedLastAndReported(double score) {
    GenerationResult result = select(2, score, -1e300, 5, score);

    assertThat(result.candidates()).extracting(Candidate::rank).containsExactly(3, 2, 1, 4);
    assertThat(result.images()).extracting(KeptImage::seed).containsExactly(2L, 1L);
    assertThat(result.candidates().get(0).score().orElseThrow()).isNaN();
    assertThat(result.warnings())
        .hasSize(2)
        .allSatisfy(warning -> assertThat(warning).contains("could not be scored", "ranked last"))
        .anySatisfy(warning -> assertThat(warning).contains("seed 0"))
        .anySatisfy(warning -> assertThat(warning).contains("seed 3"));
  }

  @Test
  void whenNoneCanBeScoredTheFirstAreKeptAndAllAreReported() {
    GenerationResult result = select(2, NAN, NAN, NAN);

    assertThat(result.images()).extracting(KeptImage::seed).containsExactly(0L, 1L);
    assertThat(result.warnings()).hasSize(3);
  }

  @Test
  void activationsThatAreNoNumbersRankTheirCandidateLast() {
    fake.model().blind(1);

    GenerationResult result = fake.request(4, 3).microBatchSize(3).generate();

    assertThat(result.candidates().get(1).rank()).isEqualTo(4);
    assertThat(result.candidates().get(1).outcome()).isEqualTo(Outcome.PRUNED);
    assertThat(result.candidates().get(1).score().orElseThrow()).isNaN();
    assertThat(result.warnings()).singleElement().asString().contains("seed 1");
  }

  @ParameterizedTest(name = "diverged at step {0}")
  @ValueSource(ints = {0, 1})
  void latentsThatAreNoNumbersRankTheirCandidateLastWhateverTheProbeSays(int step) {
    fake.model().divergeAt(2, step);

    GenerationResult result =
        fake.request(3, 2).microBatchSize(2).probe(ScriptedProbe.scores(1, 2, 99)).generate();

    assertThat(result.candidates()).extracting(Candidate::rank).containsExactly(2, 1, 3);
    assertThat(result.candidates().get(2).score().orElseThrow()).isNaN();
    assertThat(result.warnings()).singleElement().asString().contains("seed 2");
  }

  @Test
  void aKeptCandidateThatDivergesLaterIsReportedAndTheOthersAreUntouched() {
    fake.model().divergeAt(0, 5);

    GenerationResult result = fake.request(3, 2).probe(ScriptedProbe.scores(1, 2, 3)).generate();

    assertThat(result.images()).extracting(KeptImage::seed).containsExactly(2L, 1L);
    assertThat(result.warnings())
        .singleElement()
        .asString()
        .contains("seed 2", "diverged", "not finite");
  }

  @Test
  void ranksAndOutcomesFitTheScoresForAnyScores() {
    long seed = new Random().nextLong();
    Random random = new Random(seed);
    for (int round = 0; round < 50; round++) {
      int n = 2 + random.nextInt(8);
      int k = 1 + random.nextInt(n - 1);
      double[] scores =
          IntStream.range(0, n)
              .mapToDouble(i -> random.nextInt(5) == 0 ? NAN : random.nextInt(4))
              .toArray();

      List<Candidate> candidates = select(k, scores).candidates();

      String reproduce = "seed " + seed + ", round " + round + ", " + Arrays.toString(scores);
      assertThat(candidates.stream().map(Candidate::rank).sorted().toList())
          .as(reproduce)
          .isEqualTo(IntStream.rangeClosed(1, n).boxed().toList());
      for (Candidate candidate : candidates) {
        assertThat(candidate.outcome() == Outcome.KEPT)
            .as(reproduce)
            .isEqualTo(candidate.rank() <= k);
        for (Candidate other : candidates) {
          if (candidate.rank() < other.rank()) {
            double better = candidate.score().orElseThrow();
            double worse = other.score().orElseThrow();
            assertThat(better >= worse || Double.isNaN(worse)).as(reproduce).isTrue();
          }
        }
      }
    }
  }

  @Test
  void aPolicyMayDecideOtherwiseWhileTheRankStaysThatOfTheScore() {
    GenerationResult result =
        fake.request(3, 1)
            .probe(ScriptedProbe.scores(3, 2, 1))
            .policy(round -> List.of(round.candidates().get(2)))
            .generate();

    assertThat(result.images()).extracting(KeptImage::seed).containsExactly(2L);
    assertThat(result.candidates()).extracting(Candidate::rank).containsExactly(1, 2, 3);
    assertThat(result.candidates().get(2).outcome()).isEqualTo(Outcome.KEPT);
  }

  @Test
  void aPolicySeesEveryCandidateInTheOrderOfTheRequest() {
    List<ScoredCandidate> seen = new ArrayList<>();

    fake.request(3, 2)
        .microBatchSize(2)
        .probe(ScriptedProbe.scores(3, NAN, 1))
        .policy(
            round -> {
              seen.addAll(round.candidates());
              assertThat(round.atMost()).isEqualTo(2);
              assertThat(round.keep()).isEqualTo(2);
              return round.candidates().subList(0, 2);
            })
        .generate();

    assertThat(seen).extracting(ScoredCandidate::index).containsExactly(0, 1, 2);
    assertThat(seen).extracting(ScoredCandidate::score).containsExactly(3.0, NAN, 1.0);
    assertThat(seen.get(0).readings())
        .containsExactly(new Reading(Probe.NAME, 2, 10, new Score(3, NAN)));
  }

  @SuppressWarnings("NullAway") // a policy may be rubbish
  static Stream<Named<SelectionPolicy>> rubbish() {
    return Stream.of(
        Named.of("too many", Round::candidates),
        Named.of("one twice", round -> Collections.nCopies(2, round.candidates().get(0))),
        Named.of("a stranger", round -> List.of(new ScoredCandidate(9, 9, 9))),
        Named.of("a changed score", round -> List.of(new ScoredCandidate(0, 0, 1234))),
        Named.of("a null", round -> Collections.singletonList(null)),
        Named.of("null", round -> null));
  }

  @ParameterizedTest
  @MethodSource("rubbish")
  void aPolicyThatReturnsRubbishIsRefused(SelectionPolicy policy) {
    assertThatExceptionOfType(InvalidRequestException.class)
        .isThrownBy(() -> fake.request(4, 2).policy(policy).generate())
        .withMessageContaining("selection policy returned")
        .withMessageContaining("at most 2");
    assertThat(fake.model().calls(Stage.DECODE)).isZero();
  }

  @Test
  void whatAPolicyThrowsReachesTheCaller() {
    assertThatIllegalStateException()
        .isThrownBy(
            () ->
                fake.request(4, 2)
                    .policy(
                        round -> {
                          throw new IllegalStateException("no opinion");
                        })
                    .generate())
        .withMessage("no opinion");
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 3})
  void aProbeThatReturnsAnotherNumberOfScoresIsRefused(int scores) {
    assertThatExceptionOfType(InvalidRequestException.class)
        .isThrownBy(() -> fake.request(2, 1).probe(observation -> new double[scores]).generate())
        .withMessageContaining("returned " + scores + " scores for 2 candidates");
  }

  @Test
  @SuppressWarnings("NullAway") // a probe may be rubbish
  void aProbeThatReturnsNullIsRefused() {
    assertThatExceptionOfType(InvalidRequestException.class)
        .isThrownBy(() -> fake.request(2, 1).probe(observation -> null).generate())
        .withMessageContaining("no scores");
  }

  @Test
  void whatAProbeThrowsReachesTheCallerAndItsActivationsAreClosed() {
    assertThatIllegalStateException()
        .isThrownBy(
            () ->
                fake.request(2, 1)
                    .probe(
                        observation -> {
                          throw new IllegalStateException("blind");
                        })
                    .generate())
        .withMessage("blind");
  }

  @Test
  void aProbeIsShownWhatIsKnownOfEachCandidate() {
    List<Observation> seen = new ArrayList<>();
    GenerationResult result =
        fake.request(3, 1)
            .steps(8)
            .decideAt(DecisionPoint.fraction(0.3))
            .microBatchSize(2)
            .probe(
                observation -> {
                  seen.add(observation);
                  assertThat(observation.activations().size()).isEqualTo(observation.size());
                  assertThat(observation.activations().values(2, "up_blocks.0")).hasSize(16);
                  assertThat(observation.conditioning().promptEmbedding()).hasSize(48);
                  return new double[observation.size()];
                })
            .generate();

    assertThat(seen).extracting(Observation::seeds).containsExactly(List.of(0L, 1L, 2L));
    assertThat(seen.get(0).fractionDone()).isEqualTo(3 / 8.0);
    assertThat(seen.get(0).x0Predictions())
        .allSatisfy(values -> assertThat(values).hasSize(seen.get(0).shape().count()));
    assertThat(seen.get(0).guidanceGaps())
        .isEqualTo(result.candidates().stream().map(Candidate::guidanceGap).toList());
  }

  @Test
  void aCandidateIsScoredTheSameInWhateverChunksItRan() {
    List<float[]> whole = activations(fake.request(5, 5).microBatchSize(5));

    assertThat(whole.stream().map(Arrays::hashCode)).hasSize(5).doesNotHaveDuplicates();
    for (int chunk = 1; chunk < 5; chunk++) {
      assertThat(activations(fake.request(5, 5).microBatchSize(chunk)))
          .usingElementComparator(Arrays::compare)
          .isEqualTo(whole);
    }
    assertThat(activations(fake.request(5, 5).reproducible(true)))
        .usingElementComparator(Arrays::compare)
        .isEqualTo(whole);
  }

  /** What an observer is shown of each candidate at one tap, in the order of the request. */
  private static List<float[]> activations(GenerationRequest request) {
    List<float[]> rows = new ArrayList<>();
    request
        .observer(
            observation -> {
              for (int row = 0; row < observation.size(); row++) {
                rows.add(observation.activations().values(row, "mid_block"));
              }
            })
        .generate();
    return rows;
  }

  @Test
  void inTheReproducibleModeCandidatesAreScoredOneByOne() {
    List<List<Long>> seen = new ArrayList<>();
    fake.request(3, 1)
        .reproducible(true)
        .probe(
            observation -> {
              seen.add(observation.seeds());
              return new double[1];
            })
        .generate();

    assertThat(seen).containsExactly(List.of(0L), List.of(1L), List.of(2L));
  }

  @Test
  void aRowThatIsNotThereIsRefused() {
    assertThatExceptionOfType(InvalidRequestException.class)
        .isThrownBy(
            () ->
                fake.request(3, 1)
                    .microBatchSize(2)
                    .probe(
                        observation -> {
                          observation.activations().values(3, "mid_block");
                          return new double[3];
                        })
                    .generate())
        .withMessageContaining("row 3 in 3");
  }

  @Test
  void activationsAreGoneOnceTheirCandidatesAreScored() {
    List<Observation> seen = new ArrayList<>();
    fake.request(2, 1)
        .probe(
            observation -> {
              seen.add(observation);
              return new double[observation.size()];
            })
        .generate();

    assertThatIllegalStateException()
        .isThrownBy(() -> seen.get(0).activations().values(0, "mid_block"))
        .withMessageContaining("closed");
  }

  @Test
  void anObserverSeesTheActivationsEvenWhenNothingIsScored() {
    List<Long> seen = new ArrayList<>();

    fake.request(3, 3)
        .microBatchSize(2)
        .observer(
            observation -> {
              seen.addAll(observation.seeds());
              assertThat(observation.activations().values(0, "mid_block")).hasSize(8);
            })
        .generate();

    assertThat(seen).containsExactly(0L, 1L, 2L);
  }

  @Test
  void anObserverIsShownWhoStillRunsAtEveryPointItAskedFor() {
    Map<Double, List<Long>> seen = new TreeMap<>();
    List<double[]> gaps = new ArrayList<>();

    GenerationResult result =
        fake.request(4, 2)
            .steps(10)
            .decideAt(DecisionPoint.fraction(0.4))
            .observeAt(
                DecisionPoint.step(1),
                DecisionPoint.fraction(0.05),
                DecisionPoint.fraction(0.4),
                DecisionPoint.fraction(1))
            .observer(
                observation -> {
                  assertThat(seen).doesNotContainKey(observation.fractionDone());
                  seen.put(observation.fractionDone(), observation.seeds());
                  gaps.add(observation.guidanceGaps().stream().mapToDouble(gap -> gap).toArray());
                  assertThat(observation.activations().values(0, "mid_block")).hasSize(8);
                })
            .generate();

    List<Long> all = List.of(0L, 1L, 2L, 3L);
    List<Long> kept = result.images().stream().map(KeptImage::seed).toList();
    assertThat(kept).hasSize(2);
    assertThat(seen).containsExactly(entry(0.1, all), entry(0.4, all), entry(1.0, kept));
    assertThat(gaps.get(1))
        .containsExactly(
            result.candidates().stream().mapToDouble(Candidate::guidanceGap).toArray());
    assertThat(result.images())
        .isEqualTo(
            fake.request(4, 2).steps(10).decideAt(DecisionPoint.fraction(0.4)).generate().images());
  }

  @Test
  void theProbeScoresAtTheDecisionPointWhereverTheObserverLooks() {
    List<Double> scoredAt = new ArrayList<>();
    fake.request(3, 1)
        .steps(10)
        .decideAt(DecisionPoint.step(3))
        .observeAt(DecisionPoint.step(2), DecisionPoint.step(5))
        .observer(observation -> {})
        .probe(
            observation -> {
              scoredAt.add(observation.fractionDone());
              return new double[observation.size()];
            })
        .generate();

    assertThat(scoredAt).containsExactly(0.3);
  }

  @Test
  void previewsShowEveryCandidateAtTheDecisionPoint() {
    GenerationResult with = fake.request(4, 2).previews(true).generate();
    GenerationResult without = fake.request(4, 2).generate();

    assertThat(with.candidates())
        .allSatisfy(
            candidate -> {
              assertThat(candidate.preview().orElseThrow().width()).isEqualTo(32);
              assertThat(candidate.preview().orElseThrow().height()).isEqualTo(16);
            });
    assertThat(without.candidates())
        .allSatisfy(candidate -> assertThat(candidate.preview()).isEmpty());
    assertThat(with.images()).isEqualTo(without.images());
  }

  @Test
  void aPreviewAfterTheLastStepIsTheImage() {
    GenerationResult result =
        fake.request(2, 1).decideAt(DecisionPoint.fraction(1)).previews(true).generate();

    KeptImage kept = result.images().get(0);
    var preview = result.candidates().get((int) kept.seed()).preview().orElseThrow();
    float[] shown = preview.toPlanes();
    float[] made = kept.image().toPlanes();
    // The last step leads to the alpha of the first training step, not to 1.
    for (int i = 0; i < made.length; i++) {
      assertThat(shown[i]).isCloseTo(made[i], within(0.1f));
    }
  }

  private GenerationResult select(int k, double... scores) {
    return fake.request(scores.length, k)
        .steps(5)
        .decideAt(DecisionPoint.step(2))
        .probe(ScriptedProbe.scores(scores))
        .generate();
  }
}
