/** What all APIs share on the way in and out: bodies, errors, headers, and clients that go away. */
@NullMarked
package io.github.probeselect.server.web;

import org.jspecify.annotations.NullMarked;
