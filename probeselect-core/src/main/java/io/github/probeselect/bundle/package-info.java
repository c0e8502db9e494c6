/**
 * The bundle: a directory that holds an exported model, described and checksummed by its manifest.
 * The metric directory does the same for a metric that goes with any model.
 */
@NullMarked
package io.github.probeselect.bundle;

import org.jspecify.annotations.NullMarked;
