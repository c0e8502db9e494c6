package io.github.probeselect.djl;

import ai.djl.util.Utils;
import java.nio.file.Path;
import java.util.Optional;

/**
 * The environment variables, or system properties of the same names, by which a user chooses the
 * native libraries that DJL takes.
 *
 * @param libraryPath {@code PYTORCH_LIBRARY_PATH}: directories of which one holds libtorch
 * @param version {@code PYTORCH_VERSION}
 * @param flavour {@code PYTORCH_FLAVOR}, such as {@code cpu} or {@code cu128}
 * @param offline whether DJL may download nothing
 * @param cache the directory in which DJL keeps native libraries
 */
record NativeSettings(
    Optional<String> libraryPath,
    Optional<String> version,
    Optional<String> flavour,
    boolean offline,
    Path cache) {

  static final String LIBRARY_PATH = "PYTORCH_LIBRARY_PATH";
  static final String VERSION = "PYTORCH_VERSION";
  static final String FLAVOUR = "PYTORCH_FLAVOR";

  /** The settings of this process, as DJL reads them. */
  static NativeSettings current() {
    return new NativeSettings(
        value(LIBRARY_PATH),
        value(VERSION),
        value(FLAVOUR),
        Utils.isOfflineMode(),
        Utils.getEngineCacheDir().toAbsolutePath());
  }

  private static Optional<String> value(String name) {
    return Optional.ofNullable(Utils.getEnvOrSystemProperty(name))
        .filter(value -> !value.isBlank());
  }

  /** The directory of the cache that holds PyTorch's libraries of a version and flavour. */
  Path extracted(String torchVersion, String torchFlavour, String platform) {
    return cache.resolve("pytorch").resolve(torchVersion + "-" + torchFlavour + "-" + platform);
  }
}
