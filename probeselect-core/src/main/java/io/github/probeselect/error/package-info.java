/** The exceptions of the library, all unchecked and all saying what to do. */
@NullMarked
package io.github.probeselect.error;

import org.jspecify.annotations.NullMarked;
