/** Reading and writing of files: atomic writes, archives of arrays, JSON, PNG, checksums. */
@NullMarked
package io.github.probeselect.internal.io;

import org.jspecify.annotations.NullMarked;
