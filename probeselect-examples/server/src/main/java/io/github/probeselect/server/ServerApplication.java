package io.github.probeselect.server;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.context.properties.ConfigurationPropertiesScan;

/** Starts the server. */
@SpringBootApplication
@ConfigurationPropertiesScan
public class ServerApplication {

  /** Starts it with the options of Spring Boot, such as {@code --server.port=8080}. */
  public static void main(String[] args) {
    SpringApplication.run(ServerApplication.class, args);
  }
}
