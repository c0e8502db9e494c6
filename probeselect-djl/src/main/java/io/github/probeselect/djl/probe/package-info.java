/** The shape of probe networks: what they read, and how large they are. */
@NullMarked
package io.github.probeselect.djl.probe;

import org.jspecify.annotations.NullMarked;
