package io.github.probeselect;

/** What became of a candidate. */
public enum Outcome {
  /** It was finished, or still is to be, and its image is in the result. */
  KEPT,
  /** It was finished, but the metric that finished images are scored by liked others better. */
  FINISHED,
  /** It was stopped at a decision point. */
  PRUNED
}
