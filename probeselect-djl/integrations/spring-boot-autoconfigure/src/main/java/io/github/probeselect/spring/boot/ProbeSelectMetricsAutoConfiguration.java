package io.github.probeselect.spring.boot;

import io.github.probeselect.micrometer.ProbeSelectMetrics;
import io.micrometer.core.instrument.MeterRegistry;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.context.annotation.Bean;

/**
 * The meters of the pipeline, where the artifact {@code probeselect-micrometer} is on the class
 * path. Spring Boot's actuator binds them to every registry.
 */
@AutoConfiguration(before = ProbeSelectImageAutoConfiguration.class)
@ConditionalOnClass({ProbeSelectMetrics.class, MeterRegistry.class})
public class ProbeSelectMetricsAutoConfiguration {

  /** Creates the configuration. */
  public ProbeSelectMetricsAutoConfiguration() {}

  @Bean
  @ConditionalOnMissingBean
  ProbeSelectMetrics probeSelectMetrics() {
    return new ProbeSelectMetrics();
  }

  @Bean
  PipelineOptionsCustomizer probeSelectMetricsCustomizer(ProbeSelectMetrics metrics) {
    return options -> options.listeners(metrics);
  }
}
