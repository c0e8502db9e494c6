package io.github.probeselect.bundle;

import io.github.probeselect.error.ProbeSelectException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/**
 * Files that a manifest lists and that were all present, when they were opened, with the length and
 * SHA-256 that it states. Immutable and thread-safe.
 */
public abstract sealed class VerifiedFiles permits Bundle, MetricDirectory {

  private final DirectoryKind kind;
  private final BundleFiles files;
  private final Map<String, BundleManifest.FileSpec> listed;

  VerifiedFiles(
      DirectoryKind kind, BundleFiles files, Map<String, BundleManifest.FileSpec> listed) {
    ListedFiles.verify(kind, files, listed);
    this.kind = kind;
    this.files = files;
    this.listed = listed;
  }

  /** The location of the files, for messages. */
  public final String location() {
    return files.location();
  }

  /**
   * Opens a file for reading; the caller closes it.
   *
   * @param file a path relative to the manifest, with slashes
   * @throws io.github.probeselect.error.InvalidBundleException if the manifest of a bundle does not
   *     list the file, or it cannot be read
   * @throws io.github.probeselect.error.InvalidMetricException likewise, of a metric
   */
  public final InputStream read(String file) {
    checkListed(file);
    try {
      return files.open(file);
    } catch (NoSuchFileException | FileNotFoundException e) {
      throw invalid("lacks " + file + "; export it again", e);
    } catch (IOException e) {
      throw invalid(file + " cannot be read: " + e, e);
    }
  }

  /**
   * Opens a file in the same directory that the manifest does not list; the caller closes it.
   *
   * @return empty if there is none
   */
  public final Optional<InputStream> beside(String file) {
    try {
      return Optional.of(files.open(file));
    } catch (NoSuchFileException | FileNotFoundException e) {
      return Optional.empty();
    } catch (IOException e) {
      throw invalid(file + " cannot be read: " + e, e);
    }
  }

  /**
   * The path of a file, for readers that need not load it completely into memory; empty if it is in
   * a jar.
   *
   * @param file a path relative to the manifest, with slashes
   * @throws io.github.probeselect.error.InvalidBundleException if the manifest of a bundle does not
   *     list the file
   * @throws io.github.probeselect.error.InvalidMetricException likewise, of a metric
   */
  public final Optional<Path> path(String file) {
    checkListed(file);
    return files.path(file);
  }

  /** Returns the exception for content that is of no use, its message beginning with the place. */
  public final ProbeSelectException invalid(String what) {
    return kind.invalid(place() + what);
  }

  /** Returns that exception with the failure underneath it. */
  public final ProbeSelectException invalid(String what, Throwable cause) {
    return kind.invalid(place() + what, cause);
  }

  private String place() {
    return kind.noun() + " " + location() + ": ";
  }

  private void checkListed(String file) {
    if (!listed.containsKey(file)) {
      throw invalid(kind.manifest() + " does not list " + file + "; export it again");
    }
  }
}
