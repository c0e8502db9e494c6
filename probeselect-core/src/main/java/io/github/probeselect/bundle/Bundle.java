package io.github.probeselect.bundle;

import io.github.probeselect.error.InvalidBundleException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * A verified bundle: its manifest was read, its version is known, and every file it lists is
 * present with the length and SHA-256 that the manifest states. Immutable and thread-safe.
 */
public final class Bundle {

  /** The file that describes all others. */
  public static final String MANIFEST = "manifest.json";

  /** The class path resource that names the folder of the default bundle. */
  private static final String DEFAULT_POINTER = "io/github/probeselect/models/default-bundle";

  private final BundleFiles files;
  private final BundleManifest manifest;

  private Bundle(BundleFiles files, BundleManifest manifest) {
    this.files = files;
    this.manifest = manifest;
  }

  /**
   * Opens and verifies the bundle in a directory.
   *
   * @throws InvalidBundleException if it is not a bundle, is too new, or a file is missing or
   *     damaged
   */
  public static Bundle open(Path directory) {
    if (!Files.isDirectory(directory)) {
      throw new InvalidBundleException(
          "no bundle at "
              + directory
              + ": it is not a directory; give the folder that holds manifest.json");
    }
    return open(BundleFiles.directory(directory));
  }

  /**
   * Opens and verifies the default bundle on the class path, if there is one: the one in the
   * artifact {@code io.github.probeselect:probeselect-models}.
   *
   * @throws InvalidBundleException if it is there but damaged
   */
  public static Optional<Bundle> embedded() {
    ClassLoader loader = Bundle.class.getClassLoader();
    try (InputStream pointer = loader.getResourceAsStream(DEFAULT_POINTER)) {
      if (pointer == null) {
        return Optional.empty();
      }
      String folder = new String(pointer.readAllBytes(), StandardCharsets.UTF_8).strip();
      return Optional.of(open(BundleFiles.resources(loader, folder)));
    } catch (IOException e) {
      throw new InvalidBundleException("the default bundle on the class path cannot be read", e);
    }
  }

  private static Bundle open(BundleFiles files) {
    BundleManifest manifest = ManifestReader.read(files);
    Checksums.verify(files, manifest);
    return new Bundle(files, manifest);
  }

  /** What the bundle says about its model. */
  public BundleManifest manifest() {
    return manifest;
  }

  /** Where the bundle lies, for messages. */
  public String location() {
    return files.location();
  }

  /**
   * Opens a file of the bundle for reading; the caller closes it.
   *
   * @param file a path relative to the bundle, with slashes
   * @throws InvalidBundleException if the manifest does not list the file, or it cannot be read
   */
  public InputStream read(String file) {
    checkListed(file);
    try {
      return files.open(file);
    } catch (NoSuchFileException | FileNotFoundException e) {
      throw new InvalidBundleException(
          "bundle " + location() + " lacks " + file + "; export it again", e);
    } catch (IOException e) {
      throw new InvalidBundleException(
          "bundle " + location() + ": " + file + " cannot be read: " + e, e);
    }
  }

  /**
   * Where a file of the bundle lies, for readers that need not hold a whole file in memory; empty
   * if the bundle is in a jar.
   *
   * @param file a path relative to the bundle, with slashes
   * @throws InvalidBundleException if the manifest does not list the file
   */
  public Optional<Path> path(String file) {
    checkListed(file);
    return files.path(file);
  }

  private void checkListed(String file) {
    if (!manifest.files().containsKey(file)) {
      throw new InvalidBundleException(
          "bundle " + location() + ": its manifest does not list " + file + "; export it again");
    }
  }
}
