package io.github.probeselect.djl.network;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.github.probeselect.djl.probe.ProbeInputs;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The description of a probe trained outside this library: a TorchScript module with the inputs of
 * the library's own network.
 *
 * @param formatVersion the version of the format, {@link ProbeFile#FORMAT_VERSION}
 * @param denoiserSha256 the checksum of the denoiser module it was trained for
 * @param fractions the fractions done it was trained at
 * @param promptEmbedding the name of the text encoder output it reads
 * @param inputs its inputs
 * @param metrics the metrics it predicts, one column each; the first is the selecting metric
 * @param scales for each metric, the scale of its column
 * @param weights the name of the TorchScript file, {@code module} in the JSON
 * @param weightsSha256 its checksum, {@code moduleSha256} in the JSON
 * @param provenance training data and settings
 */
public record TorchScriptProbeFile(
    int formatVersion,
    String denoiserSha256,
    List<Double> fractions,
    String promptEmbedding,
    ProbeInputs inputs,
    List<String> metrics,
    Map<String, Scale> scales,
    @JsonProperty("module") String weights,
    @JsonProperty("moduleSha256") String weightsSha256,
    Map<String, Object> provenance)
    implements ProbeFile {

  /** Copies the lists and the map of scales. */
  public TorchScriptProbeFile {
    fractions = List.copyOf(fractions);
    metrics = List.copyOf(metrics);
    scales = Collections.unmodifiableMap(new LinkedHashMap<>(scales));
  }
}
