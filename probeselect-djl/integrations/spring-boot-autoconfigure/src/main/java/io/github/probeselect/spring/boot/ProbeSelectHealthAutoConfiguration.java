package io.github.probeselect.spring.boot;

import io.github.probeselect.spring.ProbeSelectImageModel;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.health.autoconfigure.contributor.ConditionalOnEnabledHealthIndicator;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.context.annotation.Bean;

/** The health indicator {@code probeselect}, where the application has health indicators. */
@AutoConfiguration(
    after = ProbeSelectImageAutoConfiguration.class,
    beforeName =
        "org.springframework.boot.health.autoconfigure.contributor.HealthContributorAutoConfiguration")
@ConditionalOnClass({HealthIndicator.class, ConditionalOnEnabledHealthIndicator.class})
@ConditionalOnEnabledHealthIndicator("probeselect")
public class ProbeSelectHealthAutoConfiguration {

  /** Creates the configuration. */
  public ProbeSelectHealthAutoConfiguration() {}

  @Bean
  @ConditionalOnBean(ProbeSelectImageModel.class)
  @ConditionalOnMissingBean(name = "probeselectHealthIndicator")
  ProbeSelectHealthIndicator probeselectHealthIndicator(ProbeSelectImageModel model) {
    return new ProbeSelectHealthIndicator(model);
  }
}
