package io.github.probeselect.selection;

import java.util.List;

/**
 * All that a policy knows when it decides.
 *
 * @param candidates those that still run, in the order of the request
 * @param atMost how many may go on, from 1 to {@code candidates.size()}
 * @param keep how many are wanted in the end, at least 1 and at most {@code atMost}
 * @param stepsDone denoising steps done
 * @param steps all denoising steps
 * @param features what is looked at to tell candidates apart
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

  /** What tells candidates apart: a candidate's pooled activations, as one vector. */
  @FunctionalInterface
  public interface Features {

    /** For rounds in which nothing was captured; all candidates look alike. */
    Features NONE = candidate -> new float[0];

    /**
     * Returns a candidate's features, of equal length for all candidates of a round. Only valid
     * while the policy decides.
     */
    float[] of(ScoredCandidate candidate);
  }
}
