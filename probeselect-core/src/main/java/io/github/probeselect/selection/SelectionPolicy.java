package io.github.probeselect.selection;

import io.github.probeselect.annotation.Experimental;
import io.github.probeselect.error.InvalidRequestException;
import io.github.probeselect.selection.Round.ScoredCandidate;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.SplittableRandom;

/**
 * Selects the candidates that continue at a decision point. A pure function of the round, so that
 * the same policy runs live and on recorded readings. Implementations must be safe for use by
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
   * @return the candidates that continue, best first: at most {@code round.atMost()} of the given
   *     ones, none twice; an empty list gives up the prompt, so that no image is finished
   */
  List<ScoredCandidate> select(Round round);

  /** Whether the policy reads {@link Round#features()}, for which activations must be captured. */
  default boolean readsFeatures() {
    return false;
  }

  /**
   * Keeps the {@link Round#atMost} candidates with the highest scores. Equal scores keep the order
   * of the request; a score that is not a finite number ranks below every number.
   */
  static SelectionPolicy topK() {
    return round -> round.bestFirst().subList(0, round.atMost());
  }

  /**
   * Keeps the candidates with the highest scores that reach a threshold, or the best one if none
   * does.
   *
   * @param score the threshold, in the unit of the forecast
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
   * Keeps candidates with high scores and different activations: greedy maximal marginal relevance
   * on the pooled activations.
   *
   * @param weight the weight of the difference against the score, from 0, the score alone, to 1
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
   * of the best {@link Round#keep()} of them is among the dropped, scored by the forecast's
   * deviations. So it stops early where the rest is safe. A candidate of unknown deviation is not
   * dropped for that reason, nor is anyone with a higher score.
   *
   * @param confidence the probability that all drops of one decision are right, in (0, 1)
   * @throws InvalidRequestException if it is not
   */
  @Experimental
  static SelectionPolicy adaptive(double confidence) {
    if (!(confidence > 0 && confidence < 1)) {
      throw new InvalidRequestException("the confidence is in (0, 1), got " + confidence);
    }
    return new AdaptivePolicy(confidence);
  }

  /**
   * Selects like this policy, but gives up the prompt, keeping no candidate, if with the given
   * probability none of the candidates reaches a score. Scores without deviations are treated as
   * exact.
   *
   * @param score what at least one candidate must reach
   * @param confidence the probability that none reaches it, in (0, 1)
   * @throws InvalidRequestException if it is not
   */
  @Experimental
  default SelectionPolicy givingUpBelow(double score, double confidence) {
    if (!(confidence > 0 && confidence < 1)) {
      throw new InvalidRequestException("the confidence is in (0, 1), got " + confidence);
    }
    return new GivingUpPolicy(this, score, confidence);
  }

  /** Keeps a random selection and ignores the scores: the baseline for every signal. */
  static SelectionPolicy random(long seed) {
    return round -> {
      List<ScoredCandidate> shuffled = new ArrayList<>(round.candidates());
      // Random gives similar first values for neighbouring seeds, so the seed is hashed first.
      Collections.shuffle(shuffled, new Random(new SplittableRandom(seed).nextLong()));
      return List.copyOf(shuffled.subList(0, round.atMost()));
    };
  }
}
