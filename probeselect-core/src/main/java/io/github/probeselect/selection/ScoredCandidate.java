package io.github.probeselect.selection;

/**
 * A candidate at the decision point.
 *
 * @param index its place among the candidates of the request, from 0
 * @param seed its seed
 * @param score its predicted quality, higher is better; {@code NaN} if it could not be judged
 */
public record ScoredCandidate(int index, long seed, double score) {}
