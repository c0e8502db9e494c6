/** Which candidates are worth finishing. */
@NullMarked
package io.github.probeselect.selection;

import org.jspecify.annotations.NullMarked;
