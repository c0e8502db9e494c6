package io.github.probeselect.selection;

import io.github.probeselect.error.InvalidRequestException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.SplittableRandom;

/**
 * Decides which candidates go on. A pure function of what is recorded up to the decision point, so
 * that the same policy runs live and on recorded readings. Implementations are safe for use by
 * several threads.
 *
 * <pre>{@code
 * SelectionPolicy onlyGoodOnes =
 *     round -> {
 *       List<ScoredCandidate> best = round.bestFirst().subList(0, round.atMost());
 *       List<ScoredCandidate> good =
 *           best.stream().filter(candidate -> candidate.score() > 0.5).toList();
 *       return good.isEmpty() ? best.subList(0, 1) : good;
 *     };
 * }</pre>
 */
@FunctionalInterface
public interface SelectionPolicy {

  /**
   * Chooses among the candidates that still run.
   *
   * @return the candidates that go on, best first: at most {@code round.atMost()} of the given
   *     ones, none twice; none at all gives the whole prompt up
   */
  List<ScoredCandidate> select(Round round);

  /** Whether it looks at {@link Round#features()}, which must then be captured. */
  default boolean readsFeatures() {
    return false;
  }

  /**
   * Keeps the highest scores, as many as may go on. Equal scores keep the order of the request; a
   * score that is not a finite number ranks below every number.
   */
  static SelectionPolicy topK() {
    return round -> round.bestFirst().subList(0, round.atMost());
  }

  /**
   * Keeps the highest scores that reach a threshold; the best one if none does.
   *
   * @param score the lowest score that is good enough, in the unit of the forecast
   */
  static SelectionPolicy threshold(double score) {
    return round -> {
      List<ScoredCandidate> best = round.bestFirst().subList(0, round.atMost());
      long good = best.stream().filter(candidate -> candidate.score() >= score).count();
      return best.subList(0, (int) Math.max(1, good));
    };
  }

  /**
   * Keeps a share of the candidates that still run, the best, at least one and at most as many as
   * may go on.
   *
   * @param share in (0, 1]
   * @throws InvalidRequestException if it is not
   */
  static SelectionPolicy quantile(double share) {
    if (!(share > 0 && share <= 1)) {
      throw new InvalidRequestException("the share to keep is in (0, 1], got " + share);
    }
    return round -> {
      int count = (int) Math.round(share * round.candidates().size());
      return round.bestFirst().subList(0, Math.max(1, Math.min(round.atMost(), count)));
    };
  }

  /**
   * Keeps good candidates that look different: greedy maximal marginal relevance on the pooled
   * activations.
   *
   * @param weight what difference is worth against the score, from 0, the score alone, to 1
   * @throws InvalidRequestException if it is outside that range
   */
  static SelectionPolicy diverse(double weight) {
    if (!(weight >= 0 && weight <= 1)) {
      throw new InvalidRequestException("the weight of difference is in [0, 1], got " + weight);
    }
    return new DiversePolicy(weight);
  }

  /**
   * Drops the worst of the candidates that may go on, as long as with the stated probability none
   * of the best {@link Round#keep()} of them is among the dropped, judged by the forecast's
   * deviations. So it stops early where the rest is safe. A candidate of unknown deviation is not
   * dropped for that reason, nor is anyone with a higher score.
   *
   * @param confidence how sure it must be of all that it drops at one decision, in (0, 1)
   * @throws InvalidRequestException if it is not
   */
  static SelectionPolicy adaptive(double confidence) {
    if (!(confidence > 0 && confidence < 1)) {
      throw new InvalidRequestException("the confidence is in (0, 1), got " + confidence);
    }
    return new AdaptivePolicy(confidence);
  }

  /**
   * Decides like this policy, but gives the whole prompt up where it looks hopeless: where, with
   * the stated probability, none of the candidates reaches a score. Where the forecast has no
   * deviations, its scores are taken for certain.
   *
   * @param score what at least one candidate must reach
   * @param confidence how sure it must be that none does, in (0, 1)
   * @throws InvalidRequestException if it is not
   */
  default SelectionPolicy givingUpBelow(double score, double confidence) {
    if (!(confidence > 0 && confidence < 1)) {
      throw new InvalidRequestException("the confidence is in (0, 1), got " + confidence);
    }
    return new GivingUpPolicy(this, score, confidence);
  }

  /** Keeps a random choice and ignores the scores: the baseline that every signal has to beat. */
  static SelectionPolicy random(long seed) {
    return round -> {
      List<ScoredCandidate> shuffled = new ArrayList<>(round.candidates());
      // Neighbouring seeds of Random begin alike, so the seed is scattered first.
      Collections.shuffle(shuffled, new Random(new SplittableRandom(seed).nextLong()));
      return List.copyOf(shuffled.subList(0, round.atMost()));
    };
  }
}
