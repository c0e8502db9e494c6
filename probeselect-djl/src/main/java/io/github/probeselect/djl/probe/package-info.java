/**
 * The inputs and sizes of probe networks: {@link io.github.probeselect.djl.probe.ProbeInputs} and
 * {@link io.github.probeselect.djl.probe.ProbeShape}.
 */
@NullMarked
package io.github.probeselect.djl.probe;

import org.jspecify.annotations.NullMarked;
