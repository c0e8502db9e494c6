/** Files that are written whole or not at all. */
@NullMarked
package io.github.probeselect.file;

import org.jspecify.annotations.NullMarked;
