/** JSON from outside, read by what it says and not by what it could be bent to. */
@NullMarked
package io.github.probeselect.json;

import org.jspecify.annotations.NullMarked;
