package io.github.probeselect.spring.boot;

import io.github.probeselect.Pipeline;
import io.github.probeselect.error.InvalidRequestException;
import io.github.probeselect.model.QualityMetric;
import io.github.probeselect.spring.ProbeSelectImageModel;
import io.micrometer.observation.ObservationRegistry;
import org.springframework.ai.image.observation.ImageModelObservationConvention;
import org.springframework.ai.model.SpringAIModelProperties;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;

/**
 * Opens the model when the application starts, and gives it to an image model, unless {@code
 * spring.ai.model.image} names another provider. A {@link Pipeline}, a {@link QualityMetric} or a
 * {@link ProbeSelectImageModel} of the application takes the place of what is made here.
 */
@AutoConfiguration
@ConditionalOnClass(ProbeSelectImageModel.class)
@ConditionalOnProperty(
    name = SpringAIModelProperties.IMAGE_MODEL,
    havingValue = ProbeSelectImageAutoConfiguration.NAME,
    matchIfMissing = true)
@EnableConfigurationProperties({ProbeSelectProperties.class, ProbeSelectImageProperties.class})
public class ProbeSelectImageAutoConfiguration {

  /** The value of {@code spring.ai.model.image} that stands for this image model. */
  public static final String NAME = ProbeSelectImageModel.PROVIDER;

  /** Creates the configuration. */
  public ProbeSelectImageAutoConfiguration() {}

  @Bean
  @ConditionalOnMissingBean
  Pipeline probeSelectPipeline(
      ProbeSelectProperties properties, ObjectProvider<PipelineOptionsCustomizer> customizers) {
    return new Opening(properties).pipeline(customizers.orderedStream().toList());
  }

  @Bean
  @ConditionalOnMissingBean
  @ConditionalOnProperty(ProbeSelectProperties.PREFIX + ".metric")
  QualityMetric probeSelectMetric(ProbeSelectProperties properties, Pipeline pipeline) {
    return new Opening(properties).metric(pipeline);
  }

  @Bean
  @ConditionalOnMissingBean
  ProbeSelectImageModel probeSelectImageModel(
      Pipeline pipeline,
      ProbeSelectImageProperties properties,
      ObjectProvider<QualityMetric> metric,
      ObjectProvider<ObservationRegistry> observationRegistry,
      ObjectProvider<ImageModelObservationConvention> observationConvention) {
    try {
      ProbeSelectImageModel model =
          ProbeSelectImageModel.builder()
              .pipeline(pipeline)
              .options(properties.getOptions().toOptions())
              .metric(metric.getIfUnique())
              .observationRegistry(observationRegistry.getIfUnique(() -> ObservationRegistry.NOOP))
              .build();
      observationConvention.ifAvailable(model::setObservationConvention);
      return model;
    } catch (InvalidRequestException e) {
      throw new OpeningException(
          "the options cannot be used", ProbeSelectImageProperties.PREFIX + ".options", e);
    }
  }

  @Bean
  @ConditionalOnMissingBean
  ProbeSelectShutdown probeSelectShutdown(ConfigurableListableBeanFactory beans) {
    return new ProbeSelectShutdown(beans);
  }
}
