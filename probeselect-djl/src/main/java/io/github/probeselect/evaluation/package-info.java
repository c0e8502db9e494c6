/**
 * Evaluation of signals on held-out prompts.
 *
 * <ul>
 *   <li>{@link io.github.probeselect.evaluation.Evaluation} computes all {@link
 *       io.github.probeselect.evaluation.Figure}s on a recorded dataset: within-prompt Spearman,
 *       captured gain, and the gain over best-of-N at equal cost, for each {@link
 *       io.github.probeselect.evaluation.RecordedSignal} and fraction, with 95% bootstrap intervals
 *       over prompts.
 *   <li>{@link io.github.probeselect.evaluation.SelectionReport} computes the same for one signal
 *       given as arrays.
 *   <li>{@link io.github.probeselect.evaluation.Calibrator} computes the calibration that budgets
 *       are planned from.
 *   <li>{@link io.github.probeselect.evaluation.Spearman}, {@link
 *       io.github.probeselect.evaluation.CapturedGain}, {@link
 *       io.github.probeselect.evaluation.VarianceShare} and {@link
 *       io.github.probeselect.evaluation.Bootstrap} are the statistics.
 * </ul>
 */
@NullMarked
package io.github.probeselect.evaluation;

import org.jspecify.annotations.NullMarked;
