package io.github.probeselect.server.web;

import jakarta.servlet.ServletException;
import java.io.IOException;
import org.apache.catalina.connector.Request;
import org.apache.catalina.connector.Response;
import org.apache.catalina.valves.ValveBase;
import org.springframework.boot.tomcat.servlet.TomcatServletWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Makes Tomcat notice clients that go away. */
@Configuration(proxyBeanMethods = false)
class TomcatConfiguration {

  @Bean
  WebServerFactoryCustomizer<TomcatServletWebServerFactory> probingProtocol() {
    return factory -> {
      factory.setProtocol(ProbingProtocol.class.getName());
      factory.addEngineValves(new ConnectionValve());
    };
  }

  private static final class ConnectionValve extends ValveBase {

    ConnectionValve() {
      super(true);
    }

    @Override
    public void invoke(Request request, Response response) throws IOException, ServletException {
      Connection.attach(request);
      getNext().invoke(request, response);
    }
  }
}
