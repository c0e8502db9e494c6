/**
 * Recorded datasets, for training and evaluating probes.
 *
 * <p>A {@link io.github.probeselect.dataset.Collector} runs every candidate of many prompts to the
 * end and records activations, latents, x0 predictions, finished images and metric scores, as
 * {@link io.github.probeselect.dataset.CollectionSettings} specifies. {@link
 * io.github.probeselect.dataset.PromptFile} reads the prompts. The result is a {@link
 * io.github.probeselect.dataset.Dataset} of {@link io.github.probeselect.dataset.RecordedPrompt}s.
 * {@code docs/dataset-format.md} describes the files.
 */
@NullMarked
package io.github.probeselect.dataset;

import org.jspecify.annotations.NullMarked;
