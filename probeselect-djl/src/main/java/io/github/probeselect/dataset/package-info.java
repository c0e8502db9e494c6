/**
 * What was recorded of many candidates of many prompts on their way to the end, for training and
 * judging probes. {@code docs/dataset-format.md} describes the files.
 */
@NullMarked
package io.github.probeselect.dataset;

import org.jspecify.annotations.NullMarked;
