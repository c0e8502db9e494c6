/**
 * Small programs to run and to copy from. They need the library and picocli, and nothing of the
 * tools: {@link Quickstart} is one request, {@link InteractiveSession} a session that is led
 * candidate by candidate, {@link Backbones} the same request on several models.
 */
@NullMarked
package io.github.probeselect.apps;

import org.jspecify.annotations.NullMarked;
