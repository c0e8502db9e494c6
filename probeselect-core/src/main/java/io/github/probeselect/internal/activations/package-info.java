/** Activations that are put together, or absent. */
@NullMarked
package io.github.probeselect.internal.activations;

import org.jspecify.annotations.NullMarked;
