package io.github.probeselect.bundle;

import io.github.probeselect.error.InvalidBundleException;
import io.github.probeselect.internal.Arguments;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A verified bundle: its manifest was read, its version is supported, and every file it lists is
 * present with the length and SHA-256 that the manifest states. Immutable and thread-safe.
 */
public final class Bundle extends VerifiedFiles {

  /** The file that describes all others. */
  public static final String MANIFEST = DirectoryKind.BUNDLE.manifest();

  /** The class path resource that names the folder of the default bundle. */
  private static final String DEFAULT_POINTER = "io/github/probeselect/models/default-bundle";

  private final BundleManifest manifest;

  private Bundle(BundleFiles files) {
    this(files, ManifestReader.read(files));
  }

  private Bundle(BundleFiles files, BundleManifest manifest) {
    super(DirectoryKind.BUNDLE, files, manifest.files());
    this.manifest = manifest;
  }

  /**
   * Opens and verifies the bundle in a directory.
   *
   * @throws InvalidBundleException if it is not a bundle, is too new, or a file is missing or
   *     damaged
   */
  public static Bundle open(Path directory) {
    if (!Files.isDirectory(Arguments.require("directory", directory))) {
      throw new InvalidBundleException(
          "no bundle at "
              + directory
              + ": it is not a directory; give the folder that holds manifest.json");
    }
    return new Bundle(BundleFiles.directory(directory));
  }

  /**
   * Opens and verifies the default bundle on the class path, if there is one: the one in the
   * artifact {@code io.github.probeselect:probeselect-models}, found by the class loader of this
   * library or else by the context class loader of the calling thread.
   *
   * @throws InvalidBundleException if it is there but damaged
   */
  public static Optional<Bundle> embedded() {
    return Stream.of(Bundle.class.getClassLoader(), Thread.currentThread().getContextClassLoader())
        .filter(Objects::nonNull)
        .flatMap(loader -> embedded(loader).stream())
        .findFirst();
  }

  private static Optional<Bundle> embedded(ClassLoader loader) {
    try (InputStream pointer = loader.getResourceAsStream(DEFAULT_POINTER)) {
      if (pointer == null) {
        return Optional.empty();
      }
      String folder = new String(pointer.readAllBytes(), StandardCharsets.UTF_8).strip();
      return Optional.of(new Bundle(BundleFiles.resources(loader, folder)));
    } catch (IOException e) {
      throw new InvalidBundleException("the default bundle on the class path cannot be read", e);
    }
  }

  /** The description of its model. */
  public BundleManifest manifest() {
    return manifest;
  }
}
