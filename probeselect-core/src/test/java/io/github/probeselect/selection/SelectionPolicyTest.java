package io.github.probeselect.selection;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.probeselect.selection.Round.ScoredCandidate;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class SelectionPolicyTest {

  private static List<ScoredCandidate> candidates(double... scores) {
    return IntStream.range(0, scores.length)
        .mapToObj(i -> new ScoredCandidate(i, 100 + i, scores[i]))
        .toList();
  }

  private static Round round(int keep, List<ScoredCandidate> candidates) {
    return new Round(candidates, keep, keep, 2, 10, Round.Features.NONE);
  }

  private static List<Integer> places(List<ScoredCandidate> candidates) {
    return candidates.stream().map(ScoredCandidate::index).toList();
  }

  @Test
  void topKKeepsTheHighestScoresBestFirst() {
    assertThat(places(SelectionPolicy.topK().select(round(3, candidates(1, 4, 2, 3)))))
        .containsExactly(1, 3, 2);
  }

  @Test
  void theRankingPutsWhatIsNoFiniteNumberBelowEveryNumber() {
    double infinity = Double.POSITIVE_INFINITY;

    assertThat(
            places(
                ScoredCandidate.bestFirst(
                    candidates(Double.NaN, -Double.MAX_VALUE, infinity, 0, -infinity))))
        .containsExactly(3, 1, 0, 2, 4);
  }

  @Test
  void theRankingTakesZeroesOfBothSignsAsEqual() {
    assertThat(places(ScoredCandidate.bestFirst(candidates(-0.0, 0.0, -0.0))))
        .containsExactly(0, 1, 2);
  }

  @Property
  void theRankingOfAnyScoresIsStableAndLosesNobody(@ForAll @Size(max = 20) double[] scores) {
    List<ScoredCandidate> given = candidates(scores);

    List<ScoredCandidate> ranked = ScoredCandidate.bestFirst(given);

    assertThat(ranked).containsExactlyInAnyOrderElementsOf(given);
    for (int i = 1; i < ranked.size(); i++) {
      ScoredCandidate better = ranked.get(i - 1);
      ScoredCandidate worse = ranked.get(i);
      boolean tie =
          better.score() == worse.score()
              || !Double.isFinite(better.score()) && !Double.isFinite(worse.score());
      assertThat(
              tie
                  ? better.index() < worse.index()
                  : !Double.isFinite(worse.score()) || better.score() > worse.score())
          .isTrue();
    }
  }

  @Test
  void aRandomChoiceIsTheSameForTheSameSeed() {
    List<ScoredCandidate> given = candidates(1, 2, 3, 4, 5, 6);

    assertThat(SelectionPolicy.random(7).select(round(3, given)))
        .isEqualTo(SelectionPolicy.random(7).select(round(3, given)))
        .hasSize(3)
        .doesNotHaveDuplicates()
        .isSubsetOf(given);
  }

  @Test
  void aRandomChoiceFavoursNobody() {
    List<ScoredCandidate> given = candidates(1, 2, 3, 4);
    int[] kept = new int[4];
    LongStream.range(0, 4000)
        .forEach(
            seed ->
                SelectionPolicy.random(seed)
                    .select(round(1, given))
                    .forEach(candidate -> kept[candidate.index()]++));

    for (int count : kept) {
      assertThat(count).isBetween(900, 1100);
    }
  }
}
