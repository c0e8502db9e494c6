package io.github.probeselect;

import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A pipeline that is opened at the first call and stays open until the program ends. If opening
 * fails, the next call tries again.
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
