/** Chooses cuts from recorded trajectories, and replays policies on them. */
@NullMarked
package io.github.probeselect.planning;

import org.jspecify.annotations.NullMarked;
