/**
 * What a tensor engine must offer, and what it offers a probe; no tensor appears in a signature.
 */
@NullMarked
package io.github.probeselect.model;

import org.jspecify.annotations.NullMarked;
