package io.github.probeselect.spring.boot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.probeselect.ProbeSelect;
import java.io.File;
import java.lang.reflect.InvocationTargetException;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.springframework.boot.devtools.restart.classloader.RestartClassLoader;

/**
 * The tools for developers load the application anew for each restart, and the jars once. The
 * default model is opened when nothing is configured.
 */
class RestartTest {

  private final ClassLoader jars = RestartTest.class.getClassLoader();

  @AfterEach
  void asBefore() {
    Thread.currentThread().setContextClassLoader(jars);
  }

  private static Object draw(ClassLoader loader) throws Exception {
    Thread.currentThread().setContextClassLoader(loader);
    Class<?> application = loader.loadClass(RestartedApplication.class.getName());
    assertThat(application.getClassLoader()).isSameAs(loader);
    return application.getMethod("draw").invoke(null);
  }

  @Test
  void anApplicationThatIsRestartedDrawsTheSame() throws Exception {
    URL[] ofTheApplication = {Path.of("target/test-classes").toUri().toURL()};
    List<Object> drawn = new ArrayList<>();
    for (int start = 0; start < 3; start++) {
      try (RestartClassLoader loader = new RestartClassLoader(jars, ofTheApplication)) {
        assertThat(loader.loadClass(ProbeSelect.class.getName())).isSameAs(ProbeSelect.class);
        drawn.add(draw(loader));
      }
    }

    assertThat(drawn).hasSize(3).containsOnly(drawn.get(0));
  }

  /** As when the tools are told to reload the jars of DJL too. */
  @Test
  void jarsThatAreLoadedAnewAreRefusedWithTheRemedy() throws Exception {
    RestartedApplication.draw();
    List<URL> everything = new ArrayList<>();
    for (String entry : System.getProperty("java.class.path").split(File.pathSeparator)) {
      everything.add(url(entry));
    }
    ClassLoader platform = ClassLoader.getPlatformClassLoader();
    try (URLClassLoader anew = new URLClassLoader(everything.toArray(URL[]::new), platform)) {
      assertThatThrownBy(() -> draw(anew))
          .isInstanceOf(InvocationTargetException.class)
          .rootCause()
          .satisfies(
              e -> assertThat(e.toString()).contains("already loaded in another classloader"));
    }
  }

  private static URL url(String entry) throws MalformedURLException {
    return Path.of(entry).toUri().toURL();
  }
}
