/** Recorded trajectories that plans are simulated on, and forecasts fitted to them. */
@NullMarked
package io.github.probeselect.internal.recorded;

import org.jspecify.annotations.NullMarked;
