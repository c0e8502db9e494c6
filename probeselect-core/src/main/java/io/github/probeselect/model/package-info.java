/**
 * The interfaces between the library and a tensor engine, and the signals and metrics that score
 * candidates. No tensor type appears in a signature: latents and images are Java arrays and {@link
 * io.github.probeselect.image.RgbImage}s, and everything on a device is held by a closeable object.
 *
 * <p>What a backend implements:
 *
 * <ul>
 *   <li>{@link io.github.probeselect.model.Backend} loads bundles and metrics; {@link
 *       java.util.ServiceLoader} finds it.
 *   <li>{@link io.github.probeselect.model.DiffusionModel} is a loaded model. It encodes a prompt
 *       to a {@link io.github.probeselect.model.Conditioning} and decodes latents to images.
 *   <li>{@link io.github.probeselect.model.Denoiser} evaluates a {@link
 *       io.github.probeselect.model.DenoiserBatch} of candidates and returns one {@link
 *       io.github.probeselect.model.Denoiser.Prediction} for each; {@link
 *       io.github.probeselect.model.ActivationExtractor} does the same and captures the {@link
 *       io.github.probeselect.model.Activations} at the taps.
 * </ul>
 *
 * <p>What scores candidates and images, all of which an application can implement itself:
 *
 * <ul>
 *   <li>A {@link io.github.probeselect.model.Signal} computes a {@link
 *       io.github.probeselect.model.Score} for each candidate from an {@link
 *       io.github.probeselect.model.Observation} early in the trajectory. Signals of this package
 *       are the {@link io.github.probeselect.model.Probe}, a trained predictor of the final
 *       quality, the {@link io.github.probeselect.model.PreviewProbe}, a metric of the decoded x0
 *       prediction, and the {@linkplain io.github.probeselect.model.Signal#guidanceGap guidance
 *       gap}.
 *   <li>A {@link io.github.probeselect.model.QualityMetric} scores finished images against a
 *       prompt; a {@link io.github.probeselect.model.LearnedMetric} is one that runs a network.
 * </ul>
 */
@NullMarked
package io.github.probeselect.model;

import org.jspecify.annotations.NullMarked;
