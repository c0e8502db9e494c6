/** Small programs to run and to copy from. */
@NullMarked
package io.github.probeselect.examples;

import org.jspecify.annotations.NullMarked;
