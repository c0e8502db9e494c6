/**
 * Studies that check the figures on the project's pages. {@link Examples} runs any of them, and the
 * apps and tools too, by its name.
 */
@NullMarked
package io.github.probeselect.research;

import org.jspecify.annotations.NullMarked;
