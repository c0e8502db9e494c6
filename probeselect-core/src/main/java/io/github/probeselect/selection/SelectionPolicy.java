package io.github.probeselect.selection;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.SplittableRandom;

/**
 * Decides which candidates are worth finishing. A pure function of what is recorded at the decision
 * point, so that the same policy runs live and on recorded scores. Implementations are safe for use
 * by several threads.
 *
 * <pre>{@code
 * SelectionPolicy onlyGoodOnes =
 *     (candidates, keep) -> {
 *       List<ScoredCandidate> best = Ranking.bestFirst(candidates).subList(0, keep);
 *       List<ScoredCandidate> good =
 *           best.stream().filter(candidate -> candidate.score() > 0.5).toList();
 *       return good.isEmpty() ? best.subList(0, 1) : good;
 *     };
 * }</pre>
 */
@FunctionalInterface
public interface SelectionPolicy {

  /**
   * Chooses among {@code candidates}.
   *
   * @param candidates all candidates of one prompt, in the order of the request
   * @param keep how many to keep at the most, from 1 to {@code candidates.size()}
   * @return the candidates to finish, best first: between 1 and {@code keep} of the given ones,
   *     none twice
   */
  List<ScoredCandidate> select(List<ScoredCandidate> candidates, int keep);

  /**
   * Keeps the {@code keep} highest scores. Equal scores keep the order of the request; a score that
   * is not a finite number ranks below every number.
   */
  static SelectionPolicy topK() {
    return (candidates, keep) -> Ranking.bestFirst(candidates).subList(0, keep);
  }

  /** Keeps a random choice and ignores the scores: the baseline that every signal has to beat. */
  static SelectionPolicy random(long seed) {
    return (candidates, keep) -> {
      List<ScoredCandidate> shuffled = new ArrayList<>(candidates);
      // Neighbouring seeds of Random begin alike, so the seed is scattered first.
      Collections.shuffle(shuffled, new Random(new SplittableRandom(seed).nextLong()));
      return List.copyOf(shuffled.subList(0, keep));
    };
  }
}
