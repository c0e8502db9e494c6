/**
 * A text-to-image model without a tensor library, for tests: every value is computed in plain Java,
 * every call is counted, and faults can be placed where a test needs them.
 */
@NullMarked
package io.github.probeselect.testing;

import org.jspecify.annotations.NullMarked;
