package io.github.probeselect.server;

import io.github.probeselect.Pipeline;
import io.github.probeselect.ProbeSelect;
import java.nio.file.Path;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Opens the model; it is closed with the application. */
@Configuration(proxyBeanMethods = false)
class ModelConfiguration {

  @Bean
  @ConditionalOnMissingBean
  Pipeline pipeline(ServerProperties properties) {
    Pipeline.Options options =
        Pipeline.Options.defaults().devices(properties.devices().toArray(String[]::new));
    Path bundle = properties.bundle();
    return bundle == null ? ProbeSelect.openDefault(options) : ProbeSelect.open(bundle, options);
  }
}
