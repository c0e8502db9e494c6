/**
 * The exceptions of the library. All are unchecked and extend {@link
 * io.github.probeselect.error.ProbeSelectException}; a message states what is wrong, where, and how
 * to fix it.
 *
 * <p>{@link io.github.probeselect.error.InvalidRequestException} is an invalid argument. The other
 * {@code Invalid...} exceptions are invalid files: bundle, probe, metric, calibration, session or
 * dataset. {@link io.github.probeselect.error.BackendException} is a failure of the tensor engine.
 * {@link io.github.probeselect.error.GenerationCancelledException} and its subclass {@link
 * io.github.probeselect.error.DeadlineExceededException} end a generation that was stopped.
 */
@NullMarked
package io.github.probeselect.error;

import org.jspecify.annotations.NullMarked;
