package io.github.probeselect.model;

/**
 * A score and how far off it may be.
 *
 * @param score the score that a {@link Signal} gives a candidate, higher is better; {@code NaN} if
 *     it could not be judged
 * @param deviation the expected root mean square error of the score among the seeds of one prompt,
 *     in the unit of the score; {@code NaN} if the signal does not know
 */
public record Judgement(double score, double deviation) {}
