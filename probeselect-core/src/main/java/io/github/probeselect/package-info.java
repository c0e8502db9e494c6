/**
 * Early-exit seed selection for text-to-image generation: a generation starts several candidates
 * (seeds) for one prompt, scores them early in the denoising trajectory, and finishes only the
 * best.
 *
 * <p>The types in the order in which a program meets them:
 *
 * <ol>
 *   <li>{@link io.github.probeselect.ProbeSelect} opens a bundle, and generates with the default
 *       model in one line.
 *   <li>{@link io.github.probeselect.Pipeline} is a loaded model. It is thread-safe and is closed
 *       when done.
 *   <li>{@link io.github.probeselect.GenerationRequest} holds the prompt and the settings: the
 *       seeds of the candidates, the number of images to keep, steps, guidance scale, and more.
 *       Every setting has a default.
 *   <li>{@link io.github.probeselect.GenerationResult} holds the images of the kept candidates, and
 *       for every candidate its seed, score, rank and {@link
 *       io.github.probeselect.Candidate.Outcome}. The image of a kept candidate is the image that
 *       its seed gives without any selection.
 * </ol>
 *
 * <p>A request runs in three ways: {@link io.github.probeselect.GenerationRequest#generate} on the
 * calling thread, {@link io.github.probeselect.GenerationRequest#start} on another thread as a
 * {@link io.github.probeselect.Generation} that can be cancelled, and {@link
 * io.github.probeselect.GenerationRequest#open} as a {@link io.github.probeselect.Session}, in
 * which the caller advances, previews, keeps, drops and resumes candidates and which can be saved
 * to a file. A {@link io.github.probeselect.GenerationListener} receives progress, decisions and
 * images.
 *
 * <p>The selection itself is configurable: at each {@link
 * io.github.probeselect.selection.DecisionPoint} {@linkplain io.github.probeselect.model.Signal
 * signals}, by default the bundle's {@linkplain io.github.probeselect.model.Probe probe}, score the
 * candidates, and a {@linkplain io.github.probeselect.selection.SelectionPolicy policy} selects the
 * ones that continue. With a {@linkplain io.github.probeselect.planning.Budget budget} the number
 * of candidates and the cuts are planned from the model's {@linkplain
 * io.github.probeselect.planning.Calibration calibration}.
 *
 * <p>Invalid input and failures throw one of the {@linkplain io.github.probeselect.error typed
 * exceptions}. The tensor engine is found by {@link java.util.ServiceLoader} and is used through
 * the interfaces of {@link io.github.probeselect.model}; this package does not depend on it.
 */
@NullMarked
package io.github.probeselect;

import org.jspecify.annotations.NullMarked;
