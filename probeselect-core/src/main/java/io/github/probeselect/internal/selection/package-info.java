/** A selection in progress: which candidates run, and their scores. */
@NullMarked
package io.github.probeselect.internal.selection;

import org.jspecify.annotations.NullMarked;
