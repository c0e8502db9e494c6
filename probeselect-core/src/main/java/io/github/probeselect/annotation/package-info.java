/** Marks for parts of the API. */
@NullMarked
package io.github.probeselect.annotation;

import org.jspecify.annotations.NullMarked;
