/**
 * Exported models and metrics on disk.
 *
 * <p>A {@link io.github.probeselect.bundle.Bundle} is a directory, or a folder on the class path,
 * with an exported model. Its {@link io.github.probeselect.bundle.BundleManifest} describes the
 * modules, the tokenizers, the scheduler, the {@linkplain
 * io.github.probeselect.bundle.BundleManifest.Tap taps} of the denoiser and the {@linkplain
 * io.github.probeselect.bundle.LatentShape shape of the latents}, and lists length and SHA-256 of
 * every file. {@code docs/bundle-format.md} describes the format.
 *
 * <p>A {@link io.github.probeselect.bundle.MetricDirectory} is the same for an exported metric that
 * can be used with any model. Opening either verifies every listed file.
 */
@NullMarked
package io.github.probeselect.bundle;

import org.jspecify.annotations.NullMarked;
