package io.github.probeselect;

/** What became of a candidate. */
public enum Outcome {
  /** It was finished, and its image is in the result. */
  KEPT,
  /** It was stopped at the decision point. */
  PRUNED
}
