/** The search for what a budget is best spent on, by simulation of recorded trajectories. */
@NullMarked
package io.github.probeselect.internal.planning;

import org.jspecify.annotations.NullMarked;
