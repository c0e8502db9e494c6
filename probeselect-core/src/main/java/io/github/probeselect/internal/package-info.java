/** Checks that the packages of the library share; not part of the public API. */
@NullMarked
package io.github.probeselect.internal;

import org.jspecify.annotations.NullMarked;
