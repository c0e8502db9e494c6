/** The public API of all published modules, held to the lists in the repository. */
@org.jspecify.annotations.NullMarked
package io.github.probeselect.api;
