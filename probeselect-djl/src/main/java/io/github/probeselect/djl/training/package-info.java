/**
 * Collecting what probes learn from, and training them: all through the pipeline that later uses
 * them.
 */
@NullMarked
package io.github.probeselect.djl.training;

import org.jspecify.annotations.NullMarked;
