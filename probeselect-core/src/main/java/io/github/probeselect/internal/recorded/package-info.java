/** Recorded readings, on which plans are simulated, and the forecasts that are fitted to them. */
@NullMarked
package io.github.probeselect.internal.recorded;

import org.jspecify.annotations.NullMarked;
