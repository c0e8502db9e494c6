/** Images and the PNG files they are written to. */
@NullMarked
package io.github.probeselect.image;

import org.jspecify.annotations.NullMarked;
