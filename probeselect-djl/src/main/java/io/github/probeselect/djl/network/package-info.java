/** The probe's network and the file formats of probes, which scoring and training share. */
@NullMarked
package io.github.probeselect.djl.network;

import org.jspecify.annotations.NullMarked;
