/**
 * Training of probes on recorded datasets.
 *
 * <ol>
 *   <li>{@link io.github.probeselect.djl.training.TrainingData} loads the inputs and targets of a
 *       probe from a dataset, {@link io.github.probeselect.djl.training.Previews} the decoded x0
 *       predictions.
 *   <li>{@link io.github.probeselect.djl.training.ProbeTrainer} trains a probe with {@link
 *       io.github.probeselect.djl.training.TrainingSettings}.
 *   <li>{@link io.github.probeselect.djl.training.TrainedProbe} scores other prompts for validation
 *       and writes the probe to a directory.
 *   <li>{@link io.github.probeselect.djl.training.ProbeInstaller} copies it into a bundle.
 * </ol>
 */
@Experimental
@NullMarked
package io.github.probeselect.djl.training;

import io.github.probeselect.annotation.Experimental;
import org.jspecify.annotations.NullMarked;
