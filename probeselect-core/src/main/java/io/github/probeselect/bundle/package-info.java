/**
 * The bundle: a directory that holds an exported model, described and checksummed by its manifest.
 */
@NullMarked
package io.github.probeselect.bundle;

import org.jspecify.annotations.NullMarked;
