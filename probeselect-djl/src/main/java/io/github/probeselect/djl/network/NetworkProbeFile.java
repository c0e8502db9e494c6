package io.github.probeselect.djl.network;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.probeselect.djl.probe.ProbeInputs;
import io.github.probeselect.djl.probe.ProbeShape;
import io.github.probeselect.error.InvalidProbeException;
import io.github.probeselect.internal.io.Checksums;
import io.github.probeselect.internal.io.WholeFile;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.TreeMap;

/**
 * The description of a probe of this library: the shape of its {@link ProbeNetwork}, whose weights
 * are a safetensors file.
 *
 * @param formatVersion the version of the format, {@link ProbeFile#FORMAT_VERSION}
 * @param denoiserSha256 the checksum of the denoiser module it was trained for
 * @param fractions the fractions done it was trained at
 * @param promptEmbedding the name of the text encoder output it reads
 * @param shape the inputs and the size of the network
 * @param scales for each metric of the shape, the scale of the network's standardised output
 * @param deviationFactors for each metric and each fraction, the factor of the network's
 *     deviations; interpolated between fractions, and that of the nearest fraction outside them
 * @param weights the name of the safetensors file
 * @param weightsSha256 its checksum
 * @param provenance training data and settings
 */
public record NetworkProbeFile(
    int formatVersion,
    String denoiserSha256,
    List<Double> fractions,
    String promptEmbedding,
    ProbeShape shape,
    Map<String, Scale> scales,
    Map<String, List<Double>> deviationFactors,
    String weights,
    String weightsSha256,
    Map<String, Object> provenance)
    implements ProbeFile {

  private static final ObjectMapper JSON = new ObjectMapper();

  /** Copies the list and the maps. */
  public NetworkProbeFile {
    fractions = List.copyOf(fractions);
    scales = Collections.unmodifiableMap(new LinkedHashMap<>(scales));
    deviationFactors = Collections.unmodifiableMap(new LinkedHashMap<>(deviationFactors));
  }

  @Override
  public ProbeInputs inputs() {
    return shape.inputs();
  }

  @Override
  public List<String> metrics() {
    return shape.metrics();
  }

  @Override
  public double deviationFactor(double fractionDone) {
    List<Double> factors = Objects.requireNonNull(deviationFactors.get(selects()), selects());
    NavigableMap<Double, Double> byFraction = new TreeMap<>();
    for (int i = 0; i < fractions.size(); i++) {
      byFraction.put(fractions.get(i), factors.get(i));
    }
    Map.Entry<Double, Double> below = byFraction.floorEntry(fractionDone);
    Map.Entry<Double, Double> above = byFraction.ceilingEntry(fractionDone);
    if (below == null || above == null) {
      return (below == null ? byFraction.firstEntry() : byFraction.lastEntry()).getValue();
    }
    double gap = above.getKey() - below.getKey();
    double share = gap == 0 ? 0 : (fractionDone - below.getKey()) / gap;
    return below.getValue() + share * (above.getValue() - below.getValue());
  }

  /**
   * Reads the weights into {@code manager}.
   *
   * @param file the content of the safetensors file
   * @throws InvalidProbeException if it is damaged or does not match the JSON
   */
  public ProbeWeights readWeights(InputStream file, NDManager manager) {
    try {
      SafetensorsFile arrays = SafetensorsFile.read(verified(file));
      check(arrays.entries());
      return ProbeWeights.of(arrays, manager);
    } catch (IOException e) {
      throw new InvalidProbeException("probe weights " + weights + " cannot be read: " + e, e);
    }
  }

  /** Checks names and shapes before native code receives anything. */
  private void check(Map<String, SafetensorsFile.Entry> found) throws IOException {
    Map<String, Shape> expected = ProbeWeights.shapes(shape);
    if (!found.keySet().equals(expected.keySet())) {
      throw new IOException(
          "it holds " + found.keySet() + ", the network has " + expected.keySet());
    }
    for (Map.Entry<String, Shape> weight : expected.entrySet()) {
      List<Long> dimensions =
          Objects.requireNonNull(found.get(weight.getKey()), weight.getKey()).shape();
      if (!new Shape(dimensions.stream().mapToLong(Long::longValue).toArray())
          .equals(weight.getValue())) {
        throw new IOException(
            weight.getKey() + " is " + dimensions + ", the network needs " + weight.getValue());
      }
    }
  }

  /**
   * Writes a probe: the weights first, then the JSON that names them, each under a temporary name
   * and renamed.
   *
   * @param directory the directory, which is created if it does not exist
   * @return the path of the JSON file
   * @throws IOException if a file cannot be written
   */
  public static Path write(Path directory, NetworkProbeFile description, ProbeWeights weights)
      throws IOException {
    NDList list = new NDList(weights.arrays().values());
    byte[] bytes = list.encode(NDList.Encoding.SAFETENSORS);
    NetworkProbeFile complete =
        new NetworkProbeFile(
            FORMAT_VERSION,
            description.denoiserSha256,
            description.fractions,
            description.promptEmbedding,
            description.shape,
            description.scales,
            description.deviationFactors,
            "probe.safetensors",
            Checksums.sha256(new ByteArrayInputStream(bytes)),
            description.provenance);
    WholeFile.write(directory.resolve(complete.weights), bytes);
    Path json = directory.resolve("probe.json");
    WholeFile.write(json, JSON.writerWithDefaultPrettyPrinter().writeValueAsBytes(complete));
    return json;
  }
}
