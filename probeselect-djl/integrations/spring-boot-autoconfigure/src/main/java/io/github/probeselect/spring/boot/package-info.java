/**
 * Auto-configuration for Spring Boot: a {@link io.github.probeselect.Pipeline} and a {@link
 * io.github.probeselect.spring.ProbeSelectImageModel} from the properties {@code
 * spring.ai.probeselect.*}, described in {@link
 * io.github.probeselect.spring.boot.ProbeSelectProperties}, and a health indicator.
 */
@NullMarked
package io.github.probeselect.spring.boot;

import org.jspecify.annotations.NullMarked;
