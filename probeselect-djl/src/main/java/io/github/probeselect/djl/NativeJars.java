package io.github.probeselect.djl;

import ai.djl.util.Platform;
import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Properties;

/**
 * What the jars of DJL on the class path hold.
 *
 * @param api version of DJL's API
 * @param engine version of DJL's PyTorch engine
 * @param pyTorch version of PyTorch that the engine is made for, such as {@code 2.7.1}
 * @param natives the jars with PyTorch's native libraries, of any platform
 * @param taken the one of them that DJL chooses on this machine
 * @param jni version of the library between Java and PyTorch, such as {@code 2.7.1-0.36.0}
 * @param jniFlavours flavours of PyTorch with which that library works on this platform
 * @param tokenizers version of the tokenizers, such as {@code 0.21.0-0.36.0}
 */
record NativeJars(
    String api,
    String engine,
    String pyTorch,
    List<Natives> natives,
    Optional<Natives> taken,
    Optional<String> jni,
    List<String> jniFlavours,
    Optional<String> tokenizers) {

  /** Every flavour that a version of DJL since 0.30 was built for. */
  private static final List<String> FLAVOURS =
      List.of("cpu", "cu130", "cu129", "cu128", "cu126", "cu124", "cu121", "cu118");

  private static final String UNKNOWN = "unknown";

  /** A jar with PyTorch's native libraries: their version, with a date, flavour and platform. */
  record Natives(String version, String flavour, String platform) {
    @Override
    public String toString() {
      return "PyTorch " + version + ", " + flavour + ", " + platform;
    }
  }

  /** What the context class loader finds, as DJL looks for it. */
  static NativeJars found() {
    Optional<Properties> engine = properties("pytorch-engine.properties").stream().findFirst();
    List<Natives> natives =
        properties("native/lib/pytorch.properties").stream()
            .filter(jar -> jar.getProperty("placeholder") == null)
            .map(NativeJars::natives)
            .toList();
    return new NativeJars(
        version("ai/djl/engine/api.properties", "djl_version").orElse(UNKNOWN),
        engine.map(file -> file.getProperty("djl_version")).orElse(UNKNOWN),
        engine.map(file -> file.getProperty("pytorch_version")).orElse(UNKNOWN),
        natives,
        natives.isEmpty() ? Optional.empty() : chosen(),
        version("jnilib/pytorch.properties", "jni_version"),
        FLAVOURS.stream().filter(NativeJars::hasJni).toList(),
        version("native/lib/tokenizers.properties", "version"));
  }

  /** Whether DJL's parts are of one version, and its native parts for the same PyTorch. */
  boolean goTogether() {
    return api.equals(engine)
        && jni.map(version -> version.startsWith(pyTorch + "-" + engine)).orElse(true)
        && tokenizers.map(version -> version.endsWith("-" + api)).orElse(true)
        && natives.stream().allMatch(jar -> jar.version().startsWith(pyTorch));
  }

  /** The versions of DJL's parts, in one line. */
  String versions() {
    return String.format(
        Locale.ROOT,
        "API %s, PyTorch engine %s for PyTorch %s, pytorch-jni %s (%s), tokenizers %s",
        api,
        engine,
        pyTorch,
        jni.orElse("absent"),
        String.join(", ", jniFlavours),
        tokenizers.orElse("absent"));
  }

  private static Natives natives(Properties jar) {
    return new Natives(
        jar.getProperty("version", UNKNOWN),
        jar.getProperty("flavor", UNKNOWN),
        jar.getProperty("classifier", UNKNOWN));
  }

  private static Optional<Natives> chosen() {
    try {
      Platform platform = Platform.detectPlatform("pytorch");
      return platform.isPlaceholder()
          ? Optional.empty()
          : Optional.of(
              new Natives(platform.getVersion(), platform.getFlavor(), platform.getClassifier()));
    } catch (RuntimeException | LinkageError | AssertionError e) {
      // DJL fails in the same way when it loads them, and then explains itself.
      return Optional.empty();
    }
  }

  private static boolean hasJni(String flavour) {
    String library = System.mapLibraryName("djl_torch");
    return loader()
            .getResource("jnilib/" + LoadingFailure.platform() + "/" + flavour + "/" + library)
        != null;
  }

  private static Optional<String> version(String resource, String key) {
    return properties(resource).stream().findFirst().map(file -> file.getProperty(key));
  }

  private static List<Properties> properties(String resource) {
    List<Properties> found = new ArrayList<>();
    try {
      for (URL url : Collections.list(loader().getResources(resource))) {
        Properties properties = new Properties();
        try (InputStream stream = url.openStream()) {
          properties.load(stream);
        }
        found.add(properties);
      }
    } catch (IOException e) {
      return List.of();
    }
    return found;
  }

  private static ClassLoader loader() {
    return Thread.currentThread().getContextClassLoader();
  }
}
