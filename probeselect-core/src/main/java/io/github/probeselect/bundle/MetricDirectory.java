package io.github.probeselect.bundle;

import io.github.probeselect.error.InvalidMetricException;
import io.github.probeselect.internal.Arguments;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * A verified metric directory: an exported metric with its own tokenizer, usable with any model.
 * Its {@code metric.json} was read, its version is supported, and every file it lists is present
 * with the length and SHA-256 that it states. Immutable and thread-safe.
 */
public final class MetricDirectory extends VerifiedFiles {

  private static final List<String> REQUIRED =
      List.of("name", "file", "tokenizer", "dtype", "device", "files");

  /**
   * The description of a metric in its directory; the Java form of {@code metric.json}, which
   * {@code docs/metrics.md} describes field by field. Immutable; equal to another of the same
   * content.
   */
  public sealed interface Manifest permits MetricManifestValues {

    /** The format version this library reads. */
    int FORMAT_VERSION = 1;

    /** The version of the format, {@link #FORMAT_VERSION}. */
    int formatVersion();

    /** The name under which scores are reported. */
    String name();

    /** The TorchScript module. */
    String file();

    /** The tokenizer whose ids the module takes. */
    BundleManifest.TokenizerSpec tokenizer();

    /** The data type at the module's boundary, {@code float32}. */
    String dtype();

    /** The device that the module runs on, as in {@link BundleManifest#device}. */
    String device();

    /** What the metric was made from, free form. */
    Map<String, Object> provenance();

    /** Every file of the directory except {@code metric.json}. */
    Map<String, BundleManifest.FileSpec> files();

    /** What identifies the metric: the SHA-256 of its module and of its tokenizer. */
    String hash();
  }

  private final Manifest manifest;

  private MetricDirectory(BundleFiles files, Manifest manifest) {
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
        ManifestJson.read(DirectoryKind.METRIC, files, Manifest.FORMAT_VERSION, REQUIRED);
    json.completeTokenizer(json.root().get("tokenizer"));
    Manifest manifest = json.bind(MetricManifestValues.class);
    json.checkBoundary(manifest.dtype());
    json.checkDevice(manifest.device());
    json.checkName("the metric", manifest.name());
    json.checkTokenizer(manifest.tokenizer());
    json.checkListed(List.of(manifest.file(), manifest.tokenizer().file()), manifest.files());
    return new MetricDirectory(files, manifest);
  }

  /** The description of its metric. */
  public Manifest manifest() {
    return manifest;
  }
}
