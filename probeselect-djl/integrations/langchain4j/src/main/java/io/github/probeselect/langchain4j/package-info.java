/**
 * An image model for langchain4j: {@link io.github.probeselect.langchain4j.ProbeSelectImageModel}.
 */
@NullMarked
package io.github.probeselect.langchain4j;

import org.jspecify.annotations.NullMarked;
