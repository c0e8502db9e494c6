/** The part of AUTOMATIC1111's API that clients use: {@code /sdapi/v1/...}. */
@NullMarked
package io.github.probeselect.server.automatic1111;

import org.jspecify.annotations.NullMarked;
