package io.github.probeselect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.github.probeselect.Candidate.Outcome;
import io.github.probeselect.error.InvalidRequestException;
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
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Which candidates are kept, and how they are ranked and reported. */
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

  private GenerationResult select(int k, double... scores) {
    return fake.request(scores.length, k)
        .steps(5)
        .decideAt(DecisionPoint.step(2))
        .probe(ScriptedProbe.scores(scores))
        .generate();
  }
}
