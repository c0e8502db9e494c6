package io.github.probeselect.djl;

import ai.djl.util.Utils;
import io.github.probeselect.error.BackendException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Determines why the native libraries could not be loaded, and describes the remedy. */
final class LoadingFailure {

  /** The platforms for which DJL publishes PyTorch. */
  static final Set<String> PUBLISHED =
      Set.of("linux-x86_64", "linux-aarch64", "osx-aarch64", "win-x86_64");

  /** The version of glibc that the tokenizers' library needs; PyTorch's is content with 2.29. */
  static final String OLDEST_GLIBC = "2.34";

  static final String REMEDY =
      "set the environment variable or system property DJL_CACHE_DIR to a directory that can be"
          + " written and from which libraries may be loaded; where none is, as in a read-only"
          + " container, open a pipeline once while the image is built, with the same DJL_CACHE_DIR";

  /** The remedy where jars of several versions of DJL are mixed. */
  static final String ONE_VERSION =
      "import io.github.probeselect:probeselect-bom and give DJL's artifacts no version of your own";

  /** What allows the JVM to load native libraries. */
  static final String NATIVE_ACCESS =
      "--enable-native-access=ALL-UNNAMED, or, if the jars are on the module path, with"
          + " --enable-native-access=ai.djl.pytorch_engine,ai.djl.tokenizers,com.sun.jna";

  /** Where every failure of this kind sends the reader. */
  static final String DOCTOR =
      "; the command 'probeselect-tools doctor', or in Java Diagnosis.ofThisMachine(), examines the"
          + " whole installation";

  private static final Pattern ABSENT_LIBRARY =
      Pattern.compile("((?:lib|nv|cu)[\\w.+-]+): cannot open shared object file");

  private static final Pattern DAMAGED =
      Pattern.compile("file too short|invalid ELF header|wrong ELF class|not a valid Win32");

  private static final Pattern OLD_SYSTEM =
      Pattern.compile("version [`'](GLIBC[A-Z]*_[\\d.]+)' not found");

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

  /** The message: the failure, its remedy, and where more is to be learnt. */
  static String message(Throwable failure) {
    return explanation(failure) + DOCTOR;
  }

  private static String explanation(Throwable failure) {
    if (failure instanceof BackendException explained) {
      return String.valueOf(explained.getMessage());
    }
    String reason = root(failure).toString();
    NativeJars jars = NativeJars.found();
    return loading(reason)
        .or(() -> missing(NativeSettings.current(), jars, platform()))
        .or(() -> extraction(failure))
        .or(() -> mismatch(jars))
        .map(advice -> advice + " (" + reason + ")")
        .orElse("PyTorch's native libraries cannot be loaded: " + reason);
  }

  /** The platforms with natives, in order. */
  static String published() {
    return String.join(", ", new TreeSet<>(PUBLISHED));
  }

  /** The missing Maven dependencies, if any. */
  static Optional<String> missing(NativeSettings settings, NativeJars jars, String platform) {
    boolean installed = settings.libraryPath().isPresent();
    if (!installed && !PUBLISHED.contains(platform)) {
      return Optional.of(
          "there are no native libraries of PyTorch for " + platform + ", only for " + published());
    }
    List<String> missing = new ArrayList<>();
    if (!installed && jars.natives().stream().noneMatch(jar -> jar.platform().equals(platform))) {
      missing.add(
          "ai.djl.pytorch:pytorch-native-cpu:"
              + jars.pyTorch()
              + " with the classifier "
              + platform);
    }
    if (jars.jni().isEmpty()) {
      missing.add("ai.djl.pytorch:pytorch-jni:" + jars.pyTorch() + "-" + jars.engine());
    }
    if (missing.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        "PyTorch's native libraries are not on the class path; add with scope runtime the Maven"
            + (missing.size() == 1 ? " dependency " : " dependencies ")
            + String.join(" and ", missing));
  }

  /** The message if parts of DJL are of different versions. */
  static Optional<String> mismatch(NativeJars jars) {
    return jars.goTogether()
        ? Optional.empty()
        : Optional.of(
            "the jars of DJL on the class path do not go together ("
                + jars.versions()
                + "); "
                + ONE_VERSION);
  }

  /**
   * The message if the libraries could not be written to the directory that they are loaded from.
   */
  private static Optional<String> extraction(Throwable failure) {
    Path cache = Utils.getEngineCacheDir().toAbsolutePath();
    Optional<String> obstacle = new CacheDirectory(cache).obstacle();
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

  /** The message if the libraries are in place but the system refused to load them. */
  static Optional<String> loading(String reason) {
    Matcher absent = ABSENT_LIBRARY.matcher(reason);
    if (reason.contains("libcuda.so") || reason.contains("nvcuda.dll")) {
      return Optional.of(
          "the NVIDIA driver is missing, whose library PyTorch's build for CUDA needs; install it,"
              + " start a container with the option --gpus all, or take PyTorch for the CPU: "
              + cpuBuild());
    }
    if (absent.find()) {
      return Optional.of(
          "the library "
              + absent.group(1)
              + ", which the native libraries need, is not found; if it is part of CUDA, leave an"
              + " installed PyTorch where pip has put it, beside the packages nvidia-*, or add"
              + " its directory to LD_LIBRARY_PATH; otherwise install it with the system's"
              + " package manager");
    }
    Matcher old = OLD_SYSTEM.matcher(reason);
    if (old.find()) {
      return Optional.of(
          "this system is too old for the native libraries, which need "
              + old.group(1)
              + "; use a distribution with glibc "
              + OLDEST_GLIBC
              + " or later, such as Debian 12, Ubuntu 22.04 or Red Hat 9");
    }
    if (DAMAGED.matcher(reason).find()) {
      return Optional.of(
          "a native library is damaged or made for another processor; delete the directory "
              + NativeSettings.current().cache()
              + ", into which it is extracted anew, or install PyTorch for "
              + platform()
              + " where PYTORCH_LIBRARY_PATH names another directory");
    }
    if (reason.contains("undefined symbol")) {
      return Optional.of(
          "versions of the native libraries do not go together; unset PYTORCH_LIBRARY_PATH and"
              + " PYTORCH_VERSION, and "
              + ONE_VERSION);
    }
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
          "this JVM refuses native access that is not enabled explicitly; start it with the option "
              + NATIVE_ACCESS);
    }
    if (reason.contains("already loaded in another classloader")) {
      return Optional.of(
          "another class loader of this JVM has loaded the native libraries already, and they can"
              + " be loaded once only; put the jars of DJL and ProbeSelect where all applications"
              + " share them, or start the JVM anew in place of reloading the application");
    }
    return Optional.empty();
  }

  private static String cpuBuild() {
    return NativeSettings.current().libraryPath().isPresent()
        ? "unset PYTORCH_LIBRARY_PATH and PYTORCH_FLAVOR"
        : "put pytorch-native-cpu on the class path and unset PYTORCH_FLAVOR";
  }

  /** The platform as the classifiers of DJL's artifacts name it, such as {@code linux-x86_64}. */
  static String platform() {
    String system = System.getProperty("os.name").toLowerCase(Locale.ROOT);
    String name = system.startsWith("win") ? "win" : system.startsWith("mac") ? "osx" : "linux";
    String architecture = System.getProperty("os.arch");
    return name + "-" + (architecture.equals("amd64") ? "x86_64" : architecture);
  }

  private static Throwable root(Throwable failure) {
    return causes(failure).reduce(failure, (outer, inner) -> inner);
  }

  private static Stream<Throwable> causes(@Nullable Throwable failure) {
    return Stream.iterate(failure, e -> e != null, e -> e == null ? null : e.getCause());
  }
}
