package io.github.probeselect.model;

/**
 * A candidate's score and its expected error.
 *
 * @param value the score that a {@link Signal} gives a candidate, higher is better; {@code NaN} if
 *     it could not be scored
 * @param deviation the expected root mean square error of the score among the seeds of one prompt,
 *     in the unit of the score; {@code NaN} if it is unknown
 */
public record Score(double value, double deviation) {}
