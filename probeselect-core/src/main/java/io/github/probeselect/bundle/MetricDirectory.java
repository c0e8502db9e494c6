package io.github.probeselect.bundle;

import io.github.probeselect.error.InvalidMetricException;
import io.github.probeselect.internal.Arguments;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * A verified metric directory: an exported metric with a tokenizer of its own, so that it goes with
 * any model. Its {@code metric.json} was read, its version is known, and every file it lists is
 * present with the length and SHA-256 that it states. Immutable and thread-safe.
 */
public final class MetricDirectory extends VerifiedFiles {

  private static final List<String> REQUIRED =
      List.of("name", "file", "tokenizer", "dtype", "device", "files");

  private final MetricManifest manifest;

  private MetricDirectory(BundleFiles files, MetricManifest manifest) {
    super(DirectoryKind.METRIC, files, manifest.files());
    this.manifest = manifest;
  }

  /**
   * Opens and verifies a metric directory.
   *
   * @throws InvalidMetricException if it is not a metric directory, is too new, or a file is
   *     missing or damaged
   */
  public static MetricDirectory open(Path directory) {
    if (!Files.isDirectory(Arguments.require("directory", directory))) {
      throw new InvalidMetricException(
          "no metric at "
              + directory
              + ": it is not a directory; give the folder that holds metric.json");
    }
    BundleFiles files = BundleFiles.directory(directory);
    ManifestJson json =
        ManifestJson.read(DirectoryKind.METRIC, files, MetricManifest.FORMAT_VERSION, REQUIRED);
    json.completeTokenizer(json.root().get("tokenizer"));
    MetricManifest manifest = json.bind(MetricManifest.class);
    json.checkBoundary(manifest.dtype());
    json.checkName("the metric", manifest.name());
    json.checkTokenizer(manifest.tokenizer());
    json.checkListed(List.of(manifest.file(), manifest.tokenizer().file()), manifest.files());
    return new MetricDirectory(files, manifest);
  }

  /** What the directory says about its metric. */
  public MetricManifest manifest() {
    return manifest;
  }
}
