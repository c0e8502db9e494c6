package io.github.probeselect.bundle;

import com.fasterxml.jackson.annotation.JsonSetter;
import com.fasterxml.jackson.annotation.Nulls;
import java.util.Map;

/**
 * What a metric directory says about its metric; the Java form of {@code metric.json}, which {@code
 * docs/metrics.md} describes field by field. Immutable.
 *
 * @param formatVersion the version of the format, {@link #FORMAT_VERSION}
 * @param name the name under which scores are reported
 * @param file the TorchScript module
 * @param tokenizer the tokenizer whose ids the module takes
 * @param dtype the data type at the module's boundary, {@code float32}
 * @param device the device the module was exported for, {@code cpu} or {@code cuda}
 * @param provenance what the metric was made from, free form
 * @param files every file of the directory except {@code metric.json}
 */
public record MetricManifest(
    int formatVersion,
    String name,
    String file,
    BundleManifest.TokenizerSpec tokenizer,
    String dtype,
    String device,
    Map<String, Object> provenance,
    @JsonSetter(contentNulls = Nulls.FAIL) Map<String, BundleManifest.FileSpec> files) {

  /** The format version this library reads. */
  public static final int FORMAT_VERSION = 1;

  /** Copies the files. */
  public MetricManifest {
    files = Map.copyOf(files);
  }

  /** What identifies the metric: the SHA-256 of its module and of its tokenizer. */
  public String hash() {
    return hash(file) + "+" + hash(tokenizer.file());
  }

  private String hash(String name) {
    BundleManifest.FileSpec found = files.get(name);
    return found == null ? "" : found.sha256();
  }
}
