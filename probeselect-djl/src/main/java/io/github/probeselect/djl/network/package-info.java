/** The probe's network and the files that probes are stored in: what scoring and training share. */
@NullMarked
package io.github.probeselect.djl.network;

import org.jspecify.annotations.NullMarked;
