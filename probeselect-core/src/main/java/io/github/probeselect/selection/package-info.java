/**
 * Selection: at which steps candidates are dropped, and which of them continue.
 *
 * <p>A {@link io.github.probeselect.selection.DecisionPoint} is a number of denoising steps done,
 * or a fraction of all steps. A {@link io.github.probeselect.selection.Cut} is a decision point
 * with the number of candidates that continue after it. At a cut
 *
 * <ol>
 *   <li>every signal gives each candidate a score, recorded as a {@link
 *       io.github.probeselect.selection.Reading};
 *   <li>a {@link io.github.probeselect.selection.Forecast} computes one score from all readings of
 *       a candidate, by default the latest score of the first signal;
 *   <li>a {@link io.github.probeselect.selection.SelectionPolicy} receives a {@link
 *       io.github.probeselect.selection.Round} of {@link
 *       io.github.probeselect.selection.Round.ScoredCandidate}s and returns the ones that continue.
 * </ol>
 *
 * <p>A {@link io.github.probeselect.selection.SelectionPlan} combines cuts, policy and forecast.
 * Forecasts and policies are pure functions, so the same plan can be replayed on recorded readings.
 */
@NullMarked
package io.github.probeselect.selection;

import org.jspecify.annotations.NullMarked;
