package io.github.probeselect;

import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A pipeline that is opened when it is first needed and lives as long as the program. An opening
 * that fails is tried again at the next call.
 */
final class DefaultPipeline {

  private final Supplier<Pipeline> opening;
  private @Nullable Pipeline pipeline;

  DefaultPipeline(Supplier<Pipeline> opening) {
    this.opening = opening;
  }

  synchronized Pipeline get() {
    Pipeline opened = pipeline;
    if (opened == null) {
      opened = opening.get();
      pipeline = opened;
    }
    return opened;
  }
}
