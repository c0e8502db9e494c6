/** The search for the best plan within a budget, by simulation on recorded readings. */
@NullMarked
package io.github.probeselect.internal.planning;

import org.jspecify.annotations.NullMarked;
