/** The initial noise of a trajectory, number for number what PyTorch draws on a CPU. */
@NullMarked
package io.github.probeselect.noise;

import org.jspecify.annotations.NullMarked;
