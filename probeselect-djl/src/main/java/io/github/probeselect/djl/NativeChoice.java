package io.github.probeselect.djl;

import io.github.probeselect.error.BackendException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The native libraries of PyTorch that DJL takes, found in the order in which DJL looks for them
 * but before any is loaded. Combinations that DJL would answer with other libraries than the user
 * asked for, or with a crash of the JVM, are refused here.
 *
 * @param source where they come from
 * @param version the version of PyTorch
 * @param flavour {@code cpu}, or the version of CUDA, such as {@code cu128}
 * @param directory where they are loaded from; it may not exist yet
 */
record NativeChoice(Source source, String version, String flavour, Path directory) {

  /** Where native libraries come from. */
  enum Source {
    /** A libtorch on this machine, which {@code PYTORCH_LIBRARY_PATH} names. */
    INSTALLED,
    /** A jar on the class path. */
    JAR,
    /** DJL's cache, into which DJL has downloaded them earlier. */
    CACHE,
    /** DJL's server; DJL would download them. */
    DOWNLOAD,
    /** There are none. */
    NOWHERE
  }

  /**
   * The libraries that DJL takes.
   *
   * @throws BackendException if the settings contradict what is there; the message names the remedy
   */
  static NativeChoice of(NativeSettings settings, NativeJars jars, String platform) {
    Optional<String> path = settings.libraryPath();
    return path.isPresent()
        ? installed(path.get(), settings, jars, platform)
        : bundled(settings, jars, platform);
  }

  private static NativeChoice installed(
      String path, NativeSettings settings, NativeJars jars, String platform) {
    InstalledTorch torch =
        InstalledTorch.on(path)
            .orElseThrow(
                () ->
                    new BackendException(
                        "PYTORCH_LIBRARY_PATH is "
                            + path
                            + ", but there is no "
                            + System.mapLibraryName("torch")
                            + "; set it to the directory of an installed PyTorch "
                            + jars.pyTorch()
                            + " that holds this file, such as site-packages/torch/lib, or unset it"
                            + " to use the natives on the class path"));
    String flavour = settings.flavour().orElseGet(() -> flavour(torch, jars));
    NativeChoice choice =
        new NativeChoice(
            Source.INSTALLED,
            torch.version().or(settings::version).orElse("unknown"),
            flavour,
            torch.directory());
    if (torch.hasOwnJni(jars.engine())) {
      return choice;
    }
    checkVersion(torch, settings, jars, flavour, platform);
    if (flavour.startsWith("cu") && !torch.isCuda()) {
      throw new BackendException(
          "PYTORCH_FLAVOR is "
              + flavour
              + ", but PYTORCH_LIBRARY_PATH names a build of PyTorch for the CPU, "
              + torch.directory()
              + "; unset PYTORCH_FLAVOR, or install a build for CUDA");
    }
    if (settings.offline()
        && jars.jni().isPresent()
        && !jars.jniFlavours().contains(flavour)
        && !hasJni(settings.extracted(version(settings, jars), flavour, platform))) {
      throw new BackendException(
          "PYTORCH_FLAVOR is "
              + flavour
              + ", but ai.djl.pytorch:pytorch-jni:"
              + jars.jni().get()
              + " on the class path has no library of this flavour for "
              + platform
              + ", only for "
              + jars.jniFlavours()
              + "; set PYTORCH_FLAVOR to one of these");
    }
    return choice;
  }

  /** The flavour of the library between Java and PyTorch that fits an installed libtorch. */
  static String flavour(InstalledTorch torch, NativeJars jars) {
    return jars.jniFlavours().stream()
        .filter(flavour -> flavour.startsWith("cu") == torch.isCuda())
        .findFirst()
        .orElse(torch.isCuda() ? "cuda" : "cpu");
  }

  /** The C++ interface of PyTorch changes with every version; the JVM would crash. */
  private static void checkVersion(
      InstalledTorch torch,
      NativeSettings settings,
      NativeJars jars,
      String flavour,
      String platform) {
    // DJL downloads the library between Java and PyTorch for another version, if it may.
    String wanted =
        settings
            .version()
            .filter(
                version ->
                    !settings.offline() || hasJni(settings.extracted(version, flavour, platform)))
            .orElse(jars.pyTorch());
    String remedy =
        "; install PyTorch "
            + wanted
            + " (pip install torch=="
            + wanted
            + "), or unset PYTORCH_LIBRARY_PATH to use the natives on the class path";
    if (settings.version().isPresent() && !release(settings.version().get()).equals(wanted)) {
      throw new BackendException(
          "PYTORCH_VERSION is "
              + settings.version().get()
              + ", but DJL's library on the class path is built for PyTorch "
              + wanted
              + remedy);
    }
    Optional<String> version = torch.version();
    if (version.isEmpty() && settings.version().isEmpty()) {
      throw new BackendException(
          "PYTORCH_LIBRARY_PATH names a libtorch whose version no file beside it states, "
              + torch.directory()
              + ", and any version but "
              + wanted
              + " would crash the JVM; if it is "
              + wanted
              + ", set PYTORCH_VERSION="
              + wanted);
    }
    if (version.isPresent() && !version.get().equals(wanted)) {
      throw new BackendException(
          "PYTORCH_LIBRARY_PATH names PyTorch "
              + version.get()
              + " in "
              + torch.directory()
              + ", but DJL's library is built for PyTorch "
              + wanted
              + ", and the JVM would crash"
              + remedy);
    }
  }

  /** The version under which DJL keeps its library between Java and PyTorch. */
  private static String version(NativeSettings settings, NativeJars jars) {
    return settings
        .version()
        .or(() -> jars.taken().map(NativeJars.Natives::version))
        .orElse(jars.pyTorch());
  }

  /** Whether the libraries are there, so that nothing has to be written or downloaded. */
  boolean isExtracted() {
    return Files.exists(directory.resolve(System.mapLibraryName("torch")));
  }

  private static boolean hasJni(Path directory) {
    try (Stream<Path> files = Files.list(directory)) {
      String name = System.mapLibraryName("djl_torch");
      return files.anyMatch(file -> file.toString().endsWith(name));
    } catch (IOException e) {
      return false;
    }
  }

  /** The three numbers of a version such as {@code 2.7.1-20250812} or {@code 2.7.1+cu128}. */
  private static String release(String version) {
    return version.split("[-+]", 2)[0];
  }

  private static NativeChoice bundled(NativeSettings settings, NativeJars jars, String platform) {
    Optional<NativeJars.Natives> jar = jars.taken();
    boolean asked =
        jar.isPresent() && settings.version().map(jar.get().version()::startsWith).orElse(true);
    if (asked) {
      NativeJars.Natives natives = jar.get();
      checkFlavour(settings, natives);
      return new NativeChoice(
          Source.JAR,
          natives.version(),
          natives.flavour(),
          settings.extracted(natives.version(), natives.flavour(), platform));
    }
    String version = settings.version().orElse(jars.pyTorch());
    String flavour = settings.flavour().orElse("cpu");
    Path directory = settings.extracted(version, flavour, platform);
    NativeChoice cached = new NativeChoice(Source.CACHE, version, flavour, directory);
    boolean jni = release(version).equals(jars.pyTorch()) || hasJni(directory);
    if (cached.isExtracted() && (jni || !settings.offline())) {
      return cached;
    }
    if (!settings.offline()) {
      return new NativeChoice(Source.DOWNLOAD, version, flavour, directory);
    }
    if (settings.version().isPresent() && !release(version).equals(jars.pyTorch())) {
      throw new BackendException(
          "PYTORCH_VERSION is "
              + version
              + ", but the class path has PyTorch "
              + jar.map(NativeJars.Natives::version).orElse(jars.pyTorch())
              + ", the cache has no such version, and nothing is downloaded (ai.djl.offline); unset"
              + " PYTORCH_VERSION");
    }
    if (!flavour.equals("cpu")) {
      throw new BackendException(
          "PYTORCH_FLAVOR is "
              + flavour
              + ", but natives of this flavour are neither on the class path nor in "
              + directory
              + ", and nothing is downloaded (ai.djl.offline); "
              + cudaRemedy(jars));
    }
    return new NativeChoice(Source.NOWHERE, version, flavour, directory);
  }

  /** DJL would take the jar and disregard the flavour. */
  private static void checkFlavour(NativeSettings settings, NativeJars.Natives natives) {
    String flavour = settings.flavour().orElse(natives.flavour());
    if (!flavour.equals(natives.flavour())) {
      throw new BackendException(
          "PYTORCH_FLAVOR is "
              + flavour
              + ", but the natives on the class path are of flavour "
              + natives.flavour()
              + ", and DJL takes them whatever the variable is; unset PYTORCH_FLAVOR, or "
              + (flavour.startsWith("cu")
                  ? "for CUDA remove pytorch-native-"
                      + natives.flavour()
                      + " from the class path"
                      + " or set PYTORCH_LIBRARY_PATH as docs/gpu.md describes"
                  : "put the natives of flavour " + flavour + " on the class path"));
    }
  }

  private static String cudaRemedy(NativeJars jars) {
    return "install PyTorch "
        + jars.pyTorch()
        + " with CUDA (pip install torch=="
        + jars.pyTorch()
        + ") and set PYTORCH_LIBRARY_PATH to its directory torch/lib, or allow the download once"
        + " with -Dai.djl.offline=false";
  }
}
