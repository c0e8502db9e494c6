package io.github.probeselect.djl;

import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Looks on the class path for the jars with PyTorch's native libraries, and says which are not
 * there.
 */
final class NativeLibraries {

  /** The platforms for which DJL publishes PyTorch. */
  private static final Set<String> PUBLISHED =
      Set.of("linux-x86_64", "linux-aarch64", "osx-aarch64", "win-x86_64");

  private NativeLibraries() {}

  /**
   * Says which Maven dependencies to add, or that there are none to add; empty if the class path
   * has them all.
   */
  static Optional<String> advice() {
    Properties engine = engineProperties();
    String djl = engine.getProperty("djl_version");
    String pyTorch = engine.getProperty("pytorch_version");
    String platform = platform();
    if (!PUBLISHED.contains(platform)) {
      return Optional.of(
          "there are no native libraries of PyTorch for "
              + platform
              + ", only for "
              + new TreeSet<>(PUBLISHED));
    }
    List<String> missing = new ArrayList<>();
    if (properties("native/lib/pytorch.properties").stream()
        .noneMatch(found -> platform.equals(found.getProperty("classifier")))) {
      missing.add(
          "ai.djl.pytorch:pytorch-native-cpu:" + pyTorch + " with the classifier " + platform);
    }
    if (properties("jnilib/pytorch.properties").isEmpty()) {
      missing.add("ai.djl.pytorch:pytorch-jni:" + pyTorch + "-" + djl);
    }
    if (missing.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        "PyTorch's native libraries are not on the class path; add with scope runtime the Maven"
            + (missing.size() == 1 ? " dependency " : " dependencies ")
            + String.join(" and ", missing));
  }

  /** The platform as the classifiers of DJL's artifacts name it, such as {@code linux-x86_64}. */
  static String platform() {
    String system = System.getProperty("os.name").toLowerCase(Locale.ROOT);
    String name = system.startsWith("win") ? "win" : system.startsWith("mac") ? "osx" : "linux";
    String architecture = System.getProperty("os.arch");
    return name + "-" + (architecture.equals("amd64") ? "x86_64" : architecture);
  }

  private static Properties engineProperties() {
    return properties("pytorch-engine.properties").stream().findFirst().orElseGet(Properties::new);
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

  /** The class loader that DJL looks with. */
  private static ClassLoader loader() {
    @Nullable ClassLoader context = Thread.currentThread().getContextClassLoader();
    return context == null ? NativeLibraries.class.getClassLoader() : context;
  }
}
