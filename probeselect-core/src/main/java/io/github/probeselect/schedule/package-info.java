/** Schedules: immutable values whose step is plain arithmetic on latents. */
@NullMarked
package io.github.probeselect.schedule;

import org.jspecify.annotations.NullMarked;
