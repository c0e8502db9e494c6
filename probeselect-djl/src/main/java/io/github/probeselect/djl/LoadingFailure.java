package io.github.probeselect.djl;

import ai.djl.util.Utils;
import io.github.probeselect.error.BackendException;
import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Determines why the native libraries could not be loaded, and describes the remedy. */
final class LoadingFailure {

  /** The platforms for which DJL publishes PyTorch. */
  private static final Set<String> PUBLISHED =
      Set.of("linux-x86_64", "linux-aarch64", "osx-aarch64", "win-x86_64");

  private static final String REMEDY =
      "set the environment variable or system property DJL_CACHE_DIR to a directory that can be"
          + " written and from which libraries may be loaded; where none is, as in a read-only"
          + " container, open a pipeline once while the image is built, with the same DJL_CACHE_DIR";

  private LoadingFailure() {}

  /**
   * Refuses a system whose C library is musl, before its linker loads a library that is linked
   * against glibc.
   *
   * @throws BackendException if it is musl
   */
  static void refuseMusl() {
    try (Stream<String> maps = Files.lines(Path.of("/proc/self/maps"))) {
      if (isMusl(maps)) {
        throw new BackendException(
            "the C library of this system is musl, as on Alpine Linux, but PyTorch's native"
                + " libraries are built for glibc only; use an image based on Debian, Ubuntu, Red"
                + " Hat or another distribution with glibc");
      }
    } catch (IOException e) {
      // Only Linux has the file.
    }
  }

  /** Whether a process with these memory mappings runs on musl. */
  static boolean isMusl(Stream<String> maps) {
    return maps.anyMatch(line -> line.contains("/ld-musl-"));
  }

  /** The message: the failure and its remedy. */
  static String message(Throwable failure) {
    if (failure instanceof BackendException explained) {
      return String.valueOf(explained.getMessage());
    }
    String reason = root(failure).toString();
    return missing()
        .or(() -> extraction(failure))
        .or(() -> loading(reason))
        .map(advice -> advice + " (" + reason + ")")
        .orElse("PyTorch's native libraries cannot be loaded: " + reason);
  }

  /** The missing Maven dependencies, if any. */
  private static Optional<String> missing() {
    if (Utils.getEnvOrSystemProperty("PYTORCH_LIBRARY_PATH") != null) {
      return Optional.empty();
    }
    Properties engine =
        properties("pytorch-engine.properties").stream().findFirst().orElseGet(Properties::new);
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

  /**
   * The message if the libraries could not be written to the directory that they are loaded from.
   */
  private static Optional<String> extraction(Throwable failure) {
    Path cache = Utils.getEngineCacheDir().toAbsolutePath();
    Optional<String> obstacle = obstacle(cache);
    boolean full =
        causes(failure).anyMatch(e -> String.valueOf(e.getMessage()).contains("No space left"));
    if (!full && obstacle.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        "the native libraries of PyTorch and of the tokenizers are extracted to "
            + cache
            + " before they are loaded (460 MB on Linux x86-64), but "
            + (full ? "there is no space left on it" : "that cannot be written: " + obstacle.get())
            + "; "
            + REMEDY);
  }

  /** Why a file cannot be created in a directory, which is created if it does not exist. */
  private static Optional<String> obstacle(Path directory) {
    try {
      Files.createDirectories(directory);
      Files.delete(Files.createTempFile(directory, "probeselect", ".tmp"));
      return Optional.empty();
    } catch (IOException e) {
      return Optional.of(e.toString());
    }
  }

  /** The message if the libraries are in place but the system refused to load them. */
  static Optional<String> loading(String reason) {
    if (reason.contains("failed to map segment") || reason.contains("Operation not permitted")) {
      return Optional.of(
          "the native libraries were extracted to "
              + Utils.getEngineCacheDir().toAbsolutePath()
              + ", but the system does not load libraries from there, perhaps because it is mounted"
              + " noexec; "
              + REMEDY);
    }
    if (reason.contains("llegal native access")) {
      return Optional.of(
          "this JVM refuses native access that is not enabled explicitly; start it with the option --enable-native-access=ALL-UNNAMED, or, if the jars are on the"
              + " module path, with"
              + " --enable-native-access=ai.djl.pytorch_engine,ai.djl.tokenizers,com.sun.jna");
    }
    if (reason.contains("already loaded in another classloader")) {
      return Optional.of(
          "another class loader of this JVM has loaded the native libraries already, and they can"
              + " be loaded once only; put the jars of DJL and ProbeSelect where all applications"
              + " share them, or start the JVM anew in place of reloading the application");
    }
    return Optional.empty();
  }

  /** The platform as the classifiers of DJL's artifacts name it, such as {@code linux-x86_64}. */
  static String platform() {
    String system = System.getProperty("os.name").toLowerCase(Locale.ROOT);
    String name = system.startsWith("win") ? "win" : system.startsWith("mac") ? "osx" : "linux";
    String architecture = System.getProperty("os.arch");
    return name + "-" + (architecture.equals("amd64") ? "x86_64" : architecture);
  }

  private static List<Properties> properties(String resource) {
    List<Properties> found = new ArrayList<>();
    try {
      ClassLoader loader = Thread.currentThread().getContextClassLoader();
      for (URL url : Collections.list(loader.getResources(resource))) {
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

  private static Throwable root(Throwable failure) {
    return causes(failure).reduce(failure, (outer, inner) -> inner);
  }

  private static Stream<Throwable> causes(@Nullable Throwable failure) {
    return Stream.iterate(failure, e -> e != null, e -> e == null ? null : e.getCause());
  }
}
