/** OpenAI's {@code /v1/images/generations} and {@code /v1/models}. */
@NullMarked
package io.github.probeselect.server.openai;

import org.jspecify.annotations.NullMarked;
