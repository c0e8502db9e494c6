package io.github.probeselect.selection;

import java.util.List;

/**
 * The input of a policy at one decision point.
 *
 * @param candidates those that still run, in the order of the request
 * @param atMost how many may go on, from 1 to {@code candidates.size()}
 * @param keep how many are wanted in the end, at least 1 and at most {@code atMost}
 * @param stepsDone denoising steps done
 * @param steps all denoising steps
 * @param features the candidates' activations, for policies that compare candidates
 */
public record Round(
    List<ScoredCandidate> candidates,
    int atMost,
    int keep,
    int stepsDone,
    int steps,
    Features features) {

  /** Copies the list. */
  public Round {
    candidates = List.copyOf(candidates);
  }

  /** The candidates from the best to the worst: {@link ScoredCandidate#bestFirst}. */
  public List<ScoredCandidate> bestFirst() {
    return ScoredCandidate.bestFirst(candidates);
  }

  /** Features of a candidate: its pooled activations as one vector. */
  @FunctionalInterface
  public interface Features {

    /** For rounds without captured activations: empty features for every candidate. */
    Features NONE = candidate -> new float[0];

    /**
     * Returns a candidate's features, of equal length for all candidates of a round. Only valid
     * while the policy decides.
     */
    float[] of(ScoredCandidate candidate);
  }
}
