/**
 * Meters of generations for Micrometer: {@link
 * io.github.probeselect.micrometer.ProbeSelectMetrics}.
 */
@NullMarked
package io.github.probeselect.micrometer;

import org.jspecify.annotations.NullMarked;
