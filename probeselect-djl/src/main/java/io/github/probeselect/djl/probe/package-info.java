/**
 * The inputs and sizes of probe networks: {@link io.github.probeselect.djl.probe.ProbeInputs} and
 * {@link io.github.probeselect.djl.probe.ProbeShape}.
 */
@Experimental
@NullMarked
package io.github.probeselect.djl.probe;

import io.github.probeselect.annotation.Experimental;
import org.jspecify.annotations.NullMarked;
