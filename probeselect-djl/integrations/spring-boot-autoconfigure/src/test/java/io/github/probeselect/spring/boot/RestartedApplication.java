package io.github.probeselect.spring.boot;

import org.springframework.ai.image.ImageModel;
import org.springframework.ai.image.ImagePrompt;
import org.springframework.ai.image.ImageResponse;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Configuration;

/** An application without any settings, which makes one image and ends. */
public final class RestartedApplication {

  private RestartedApplication() {}

  @Configuration(proxyBeanMethods = false)
  @EnableAutoConfiguration
  static class Settings {}

  /** The image, as a PNG in Base64. */
  public static String draw() {
    SpringApplication application = new SpringApplication(Settings.class);
    application.setWebApplicationType(WebApplicationType.NONE);
    try (ConfigurableApplicationContext context =
        application.run("--spring.main.banner-mode=off")) {
      ImageResponse response =
          context.getBean(ImageModel.class).call(new ImagePrompt("a red circle above a star"));
      return response.getResult().getOutput().getB64Json();
    }
  }
}
