/** Reading and writing of files: whole or not at all, archives of arrays, JSON, PNG, checksums. */
@NullMarked
package io.github.probeselect.internal.io;

import org.jspecify.annotations.NullMarked;
