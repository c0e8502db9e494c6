package io.github.probeselect.spring.boot;

import io.github.probeselect.Pipeline;

/**
 * Changes how the auto-configuration opens the pipeline. All beans of this type are applied, in
 * their order, to the options that the properties give.
 */
@FunctionalInterface
public interface PipelineOptionsCustomizer {

  /** Returns the options with further settings, such as listeners. */
  Pipeline.Options customize(Pipeline.Options options);
}
