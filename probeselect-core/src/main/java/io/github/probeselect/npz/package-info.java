/** Files of named arrays as numpy reads them: what datasets and saved sessions are kept in. */
@NullMarked
package io.github.probeselect.npz;

import org.jspecify.annotations.NullMarked;
