/** The probe's network and the file it is stored in: what scoring and training share. */
@NullMarked
package io.github.probeselect.djl.network;

import org.jspecify.annotations.NullMarked;
