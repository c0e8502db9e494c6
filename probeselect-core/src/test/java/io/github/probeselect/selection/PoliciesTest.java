package io.github.probeselect.selection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.within;

import io.github.probeselect.error.InvalidRequestException;
import io.github.probeselect.selection.Round.ScoredCandidate;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

/** What each policy keeps, and what no policy does. */
class PoliciesTest {

  private static final double NAN = Double.NaN;

  private static ScoredCandidate candidate(int index, double score, double deviation) {
    return new ScoredCandidate(index, 100 + index, score, deviation, List.of());
  }

  private static List<ScoredCandidate> candidates(double deviation, double... scores) {
    return IntStream.range(0, scores.length)
        .mapToObj(i -> candidate(i, scores[i], deviation))
        .toList();
  }

  private static Round round(List<ScoredCandidate> candidates, int atMost, int keep) {
    return new Round(candidates, atMost, keep, 2, 10, Round.Features.NONE);
  }

  private static List<Integer> places(SelectionPolicy policy, Round round) {
    return policy.select(round).stream().map(ScoredCandidate::index).toList();
  }

  @Test
  void aThresholdKeepsWhoReachesItAndTheBestIfNobodyDoes() {
    Round round = round(candidates(1, 0.2, 0.9, 0.5, NAN), 3, 1);

    assertThat(places(SelectionPolicy.threshold(0.5), round)).containsExactly(1, 2);
    assertThat(places(SelectionPolicy.threshold(5), round)).containsExactly(1);
    assertThat(places(SelectionPolicy.threshold(-5), round)).containsExactly(1, 2, 0);
  }

  @Test
  void aQuantileKeepsAShareWithinWhatMayGoOn() {
    List<ScoredCandidate> eight = candidates(1, 1, 2, 3, 4, 5, 6, 7, 8);

    assertThat(places(SelectionPolicy.quantile(0.25), round(eight, 8, 1))).containsExactly(7, 6);
    assertThat(places(SelectionPolicy.quantile(1), round(eight, 3, 1))).containsExactly(7, 6, 5);
    assertThat(places(SelectionPolicy.quantile(0.01), round(eight, 8, 1))).containsExactly(7);
  }

  @Test
  void adaptiveDropsOnlyWhoIsSurelyNotAmongTheBest() {
    List<ScoredCandidate> far = candidates(0.1, 5, 1, 4.9, 1.1);
    List<ScoredCandidate> near = candidates(5, 5, 1, 4.9, 1.1);
    SelectionPolicy adaptive = SelectionPolicy.adaptive(0.95);

    assertThat(places(adaptive, round(far, 4, 1))).containsExactly(0, 2);
    assertThat(places(adaptive, round(near, 4, 1))).containsExactly(0, 2, 3, 1);
    assertThat(places(adaptive, round(near, 2, 1))).containsExactly(0, 2);
    assertThat(places(adaptive, round(far, 4, 3))).containsExactly(0, 2, 3, 1);
    assertThat(places(adaptive, round(candidates(NAN, 5, 1), 2, 1))).containsExactly(0, 1);
  }

  @Test
  void adaptiveAddsUpItsDoubts() {
    List<ScoredCandidate> alike = IntStream.range(0, 10).mapToObj(i -> candidate(i, 2, 1)).toList();

    assertThat(places(SelectionPolicy.adaptive(0.78), round(alike, 10, 1)))
        .as("each is the best with a probability of 0.1, so two may be dropped")
        .hasSize(8);
    assertThat(places(SelectionPolicy.adaptive(0.95), round(alike, 10, 1))).hasSize(10);
    assertThat(places(SelectionPolicy.adaptive(0.78), round(alike, 4, 1)))
        .as("among four who may go on, each is the best with a probability of 0.25")
        .hasSize(4);
  }

  @Property(tries = 50)
  void theBestIsAmongThoseWhomAdaptiveKeepsAsOftenAsItSays(@ForAll Random random) {
    double confidence = 0.7 + 0.25 * random.nextDouble();
    int count = 2 + random.nextInt(8);
    List<ScoredCandidate> candidates =
        IntStream.range(0, count)
            .mapToObj(i -> candidate(i, random.nextGaussian(), 0.2 + random.nextDouble()))
            .toList();
    int keep = 1 + random.nextInt(Math.min(3, count));
    List<ScoredCandidate> kept =
        SelectionPolicy.adaptive(confidence).select(round(candidates, count, keep));

    int draws = 2000;
    int complete = 0;
    for (int draw = 0; draw < draws; draw++) {
      double[] truth =
          candidates.stream()
              .mapToDouble(c -> c.score() + c.deviation() * random.nextGaussian())
              .toArray();
      complete +=
          candidates.stream()
                  .sorted(Comparator.comparingDouble(c -> -truth[c.index()]))
                  .limit(keep)
                  .allMatch(kept::contains)
              ? 1
              : 0;
    }
    assertThat((double) complete / draws).isGreaterThan(confidence - 0.05);
  }

  @Test
  void theProbabilityToBeAmongTheBestIsWhatDrawingGives() {
    List<ScoredCandidate> candidates =
        List.of(
            candidate(0, 1.0, 0.5),
            candidate(1, 0.8, 1.0),
            candidate(2, 0.3, 0.4),
            candidate(3, -0.5, 2.0),
            candidate(4, 0.9, 0.1));
    Random random = new Random(11);
    int draws = 40_000;
    int[] amongTwo = new int[5];
    for (int draw = 0; draw < draws; draw++) {
      double[] truth =
          candidates.stream()
              .mapToDouble(c -> c.score() + c.deviation() * random.nextGaussian())
              .toArray();
      for (int i = 0; i < truth.length; i++) {
        double own = truth[i];
        amongTwo[i] += IntStream.range(0, 5).filter(j -> truth[j] > own).count() < 2 ? 1 : 0;
      }
    }
    AmongTheBest amongTheBest = new AmongTheBest(candidates, 2);

    for (int i = 0; i < 5; i++) {
      assertThat(amongTheBest.probability(candidates.get(i)))
          .isCloseTo(amongTwo[i] / (double) draws, within(0.01));
    }
    assertThat(candidates.stream().mapToDouble(amongTheBest::probability).sum())
        .isCloseTo(2, within(0.01));
  }

  @Test
  void theNormalDistributionIsThatOfTheTables() {
    assertThat(NormalDistribution.below(0)).isCloseTo(0.5, within(1e-7));
    assertThat(NormalDistribution.below(1.959964)).isCloseTo(0.975, within(1e-7));
    assertThat(NormalDistribution.below(-1.281552)).isCloseTo(0.1, within(1e-7));
    assertThat(NormalDistribution.below(-40)).isZero();
  }

  @Test
  void aHopelessPromptIsGivenUp() {
    SelectionPolicy policy = SelectionPolicy.topK().givingUpBelow(3, 0.9);

    assertThat(places(policy, round(candidates(0.5, 1, 0, NAN), 2, 2))).isEmpty();
    assertThat(places(policy, round(candidates(2, 1, 0, NAN), 2, 2))).containsExactly(0, 1);
    assertThat(places(policy, round(candidates(NAN, 2.9, 0), 1, 1))).isEmpty();
    assertThat(places(policy, round(candidates(NAN, 3.1, 0), 1, 1))).containsExactly(0);
    assertThat(places(policy, round(candidates(1, NAN, NAN), 1, 1))).containsExactly(0);
  }

  @Test
  void aDiverseSetPassesOverTheTwinOfTheBest() {
    List<ScoredCandidate> candidates = candidates(1, 1.0, 0.99, 0.6, 0.1);
    float[][] features = {{1, 0, 5}, {1, 0.01f, 5}, {-1, 0.5f, 5}, {0, -1, 5}};
    Round round = new Round(candidates, 2, 2, 2, 10, candidate -> features[candidate.index()]);

    assertThat(places(SelectionPolicy.diverse(0.5), round)).containsExactly(0, 2);
    assertThat(places(SelectionPolicy.diverse(0), round)).containsExactly(0, 1);
    assertThat(SelectionPolicy.diverse(0.5).readsFeatures()).isTrue();
    assertThat(SelectionPolicy.diverse(0.5).givingUpBelow(0, 0.5).readsFeatures()).isTrue();
    assertThat(SelectionPolicy.topK().readsFeatures()).isFalse();
  }

  @Test
  void parametersOutsideTheirRangeAreRefused() {
    refused(() -> SelectionPolicy.quantile(0));
    refused(() -> SelectionPolicy.quantile(1.1));
    refused(() -> SelectionPolicy.adaptive(1));
    refused(() -> SelectionPolicy.adaptive(NAN));
    refused(() -> SelectionPolicy.diverse(-0.1));
    refused(() -> SelectionPolicy.topK().givingUpBelow(0, 0));
  }

  private static void refused(Runnable call) {
    assertThatExceptionOfType(InvalidRequestException.class).isThrownBy(call::run);
  }

  @Provide
  Arbitrary<List<ScoredCandidate>> rounds() {
    Arbitrary<Double> score =
        Arbitraries.oneOf(
            Arbitraries.integers().between(-3, 3).map(i -> i * 0.5),
            Arbitraries.doubles().between(-2, 2),
            Arbitraries.of(NAN, Double.NEGATIVE_INFINITY, Double.POSITIVE_INFINITY));
    Arbitrary<Double> deviation = Arbitraries.of(0.1, 0.5, 2.0, NAN);
    return Combinators.combine(score, deviation)
        .as((said, off) -> new double[] {said, off})
        .list()
        .ofMinSize(1)
        .ofMaxSize(9)
        .map(
            rows ->
                IntStream.range(0, rows.size())
                    .mapToObj(i -> candidate(i, rows.get(i)[0], rows.get(i)[1]))
                    .toList());
  }

  private static List<SelectionPolicy> byScore() {
    return List.of(
        SelectionPolicy.topK(),
        SelectionPolicy.threshold(0.25),
        SelectionPolicy.quantile(0.4),
        SelectionPolicy.adaptive(0.8),
        SelectionPolicy.diverse(0),
        SelectionPolicy.diverse(0.4),
        SelectionPolicy.adaptive(0.9).givingUpBelow(-1, 0.9));
  }

  @Property
  void nobodyIsKeptWhoIsWorseThanOneWhoIsDroppedAndNanNeverWins(
      @ForAll("rounds") List<ScoredCandidate> candidates, @ForAll Random random) {
    int atMost = 1 + random.nextInt(candidates.size());
    Round round = round(candidates, atMost, 1 + random.nextInt(atMost));
    for (SelectionPolicy policy : byScore()) {
      List<ScoredCandidate> kept = policy.select(round);
      List<ScoredCandidate> dropped = new ArrayList<>(candidates);
      dropped.removeAll(kept);

      assertThat(kept).hasSizeLessThanOrEqualTo(atMost).doesNotHaveDuplicates();
      assertThat(candidates).containsAll(kept);
      assertThat(policy.select(round)).as("the same again").isEqualTo(kept);
      for (ScoredCandidate worse : kept) {
        for (ScoredCandidate better : dropped) {
          assertThat(better.score() > worse.score() && Double.isFinite(better.score()))
              .as("%s keeps %s and drops %s", policy, worse, better)
              .isFalse();
          assertThat(!Double.isFinite(worse.score()) && Double.isFinite(better.score()))
              .as("%s keeps %s and drops %s", policy, worse, better)
              .isFalse();
          assertThat(worse.score() == better.score() && better.index() < worse.index())
              .as("%s breaks a tie against the order: %s before %s", policy, worse, better)
              .isFalse();
        }
      }
    }
  }
}
