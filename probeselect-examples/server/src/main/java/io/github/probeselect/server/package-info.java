/**
 * An HTTP server for image clients, with a page that shows the selection while it happens.
 *
 * <p>A request's way: {@code openai}, {@code automatic1111} and {@code page} read it in the words
 * of their API; {@code request} checks it against the model and the limits of this server; {@code
 * queue} gives it its turn; {@code generation} runs it on a session of the library.
 */
@NullMarked
package io.github.probeselect.server;

import org.jspecify.annotations.NullMarked;
