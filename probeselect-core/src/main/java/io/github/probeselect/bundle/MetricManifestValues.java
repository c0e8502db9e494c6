package io.github.probeselect.bundle;

import com.fasterxml.jackson.annotation.JsonSetter;
import com.fasterxml.jackson.annotation.Nulls;
import java.util.Map;

/** What {@code metric.json} contains; the components are its fields. */
record MetricManifestValues(
    int formatVersion,
    String name,
    String file,
    BundleManifest.TokenizerSpec tokenizer,
    String dtype,
    String device,
    Map<String, Object> provenance,
    @JsonSetter(contentNulls = Nulls.FAIL) Map<String, BundleManifest.FileSpec> files)
    implements MetricDirectory.Manifest {

  MetricManifestValues {
    files = Map.copyOf(files);
  }

  @Override
  public String hash() {
    return hash(file) + "+" + hash(tokenizer.file());
  }

  private String hash(String name) {
    BundleManifest.FileSpec found = files.get(name);
    return found == null ? "" : found.sha256();
  }
}
