/**
 * An {@link org.springframework.ai.image.ImageModel} of Spring AI. {@link
 * io.github.probeselect.spring.ProbeSelectImageModel} generates on a {@link
 * io.github.probeselect.Pipeline}; {@link io.github.probeselect.spring.ProbeSelectImageOptions} are
 * the options of a call, {@link io.github.probeselect.spring.ProbeSelectImageGenerationMetadata}
 * describes an image and {@link io.github.probeselect.spring.ProbeSelectImageResponseMetadata} the
 * whole response.
 *
 * <p>Failures are the exceptions of {@link io.github.probeselect.error}, as the models of other
 * providers let the exceptions of their client libraries through: {@link
 * io.github.probeselect.error.InvalidRequestException} for what the caller can mend, {@link
 * io.github.probeselect.error.GenerationCancelledException} and {@link
 * io.github.probeselect.error.DeadlineExceededException} for a call that was stopped, {@link
 * io.github.probeselect.error.BackendException} for a failure of the engine.
 */
@NullMarked
package io.github.probeselect.spring;

import org.jspecify.annotations.NullMarked;
