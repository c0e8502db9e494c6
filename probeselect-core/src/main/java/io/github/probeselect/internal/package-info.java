/** What the packages of this library share and its users do not see. */
@NullMarked
package io.github.probeselect.internal;

import org.jspecify.annotations.NullMarked;
