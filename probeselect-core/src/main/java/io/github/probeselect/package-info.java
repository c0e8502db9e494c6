/**
 * Early-exit seed selection for text-to-image generation.
 *
 * <p>A {@link io.github.probeselect.Pipeline} is a loaded model. A {@link
 * io.github.probeselect.GenerationRequest} names a prompt, the seeds of its candidates and how many
 * to keep; everything else has a default. The candidates run together to the {@link
 * io.github.probeselect.selection.DecisionPoint}, a {@linkplain io.github.probeselect.model.Probe
 * probe} scores each from what the denoiser saw inside, a {@linkplain
 * io.github.probeselect.selection.SelectionPolicy policy} keeps the best, and only those are
 * finished.
 *
 * <p>The {@link io.github.probeselect.GenerationResult} holds the kept images and tells of every
 * candidate its seed, score, rank and {@link io.github.probeselect.Candidate.Outcome}. A kept image
 * is the image its seed gives without any selection.
 *
 * <p>Bad input and faults throw one of the {@linkplain io.github.probeselect.error typed
 * exceptions}. A {@link io.github.probeselect.GenerationListener} watches; a {@link
 * io.github.probeselect.Generation} runs on another thread and can be cancelled. A {@link
 * io.github.probeselect.Session} is led by hand: looked at, dropped from, resumed, saved and gone
 * on with in another process.
 *
 * <p>The tensor engine is found by {@link java.util.ServiceLoader} and stays behind the interfaces
 * of {@link io.github.probeselect.model}; nothing here depends on it.
 */
@NullMarked
package io.github.probeselect;

import org.jspecify.annotations.NullMarked;
