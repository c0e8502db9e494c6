package io.github.probeselect.djl.network;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.github.probeselect.bundle.BundleManifest;
import io.github.probeselect.bundle.Checksums;
import io.github.probeselect.bundle.Tap;
import io.github.probeselect.error.InvalidProbeException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A probe as it is stored: {@code probe.json}, and the safetensors file beside it that the JSON
 * names. {@code docs/probe-format.md} describes both.
 *
 * @param formatVersion the version of the format, {@link #FORMAT_VERSION}
 * @param denoiserSha256 the checksum of the denoiser module it was trained for
 * @param fractions the fractions done it was trained at
 * @param promptEmbedding the name of the text encoder output it reads
 * @param shape what it takes and how large it is
 * @param scales for each metric of the shape, what the network's output means
 * @param weights the name of the safetensors file
 * @param weightsSha256 its checksum
 * @param provenance what it was trained on and with
 */
public record ProbeFile(
    int formatVersion,
    String denoiserSha256,
    List<Double> fractions,
    String promptEmbedding,
    ProbeShape shape,
    Map<String, Scale> scales,
    String weights,
    String weightsSha256,
    Map<String, Object> provenance) {

  /** The format version this library reads and writes. */
  public static final int FORMAT_VERSION = 3;

  private static final ObjectMapper JSON =
      JsonMapper.builder()
          .enable(DeserializationFeature.FAIL_ON_NULL_CREATOR_PROPERTIES)
          .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
          .build();

  /** Copies the list and the map. */
  public ProbeFile {
    fractions = List.copyOf(fractions);
    scales = Collections.unmodifiableMap(new LinkedHashMap<>(scales));
  }

  /**
   * Turns the network's output into a metric's unit.
   *
   * @param mean the metric's mean over the training images
   * @param deviation its standard deviation over them, 1 if it is zero
   */
  public record Scale(double mean, double deviation) {

    /** A standardised value in the metric's unit. */
    public double restored(double standardised) {
      return mean + deviation * standardised;
    }

    /** A value of the metric, standardised. */
    public double standardised(double value) {
      return (value - mean) / deviation;
    }
  }

  /**
   * Reads the JSON and checks it against the model it is to be used with.
   *
   * @param name what to call the file in messages
   * @throws InvalidProbeException if it is damaged, too new, or made for another model or tap
   */
  public static ProbeFile read(InputStream json, String name, BundleManifest manifest) {
    ProbeFile probe;
    try {
      JsonNode node = JSON.readTree(json);
      int version = node.path("formatVersion").asInt(-1);
      if (version != FORMAT_VERSION) {
        throw new InvalidProbeException(
            "probe %s has format version %s, this library reads version %d; %s"
                .formatted(
                    name,
                    node.path("formatVersion"),
                    FORMAT_VERSION,
                    version > FORMAT_VERSION ? "use a newer library" : "train it again"));
      }
      probe = JSON.treeToValue(node, ProbeFile.class);
    } catch (IOException e) {
      throw new InvalidProbeException("probe " + name + " is not valid JSON of a probe: " + e, e);
    }
    probe.checkFits(name, manifest);
    return probe;
  }

  private void checkFits(String name, BundleManifest manifest) {
    if (!denoiserSha256.equals(manifest.denoiserHash())) {
      throw new InvalidProbeException(
          "probe %s was trained for another model: for the denoiser %s, but bundle %s has %s; train one for it"
              .formatted(name, denoiserSha256, manifest.name(), manifest.denoiserHash()));
    }
    for (Tap tap : shape.taps()) {
      Tap found =
          manifest
              .tap(tap.name())
              .orElseThrow(
                  () ->
                      new InvalidProbeException(
                          "probe %s reads the tap %s, which bundle %s lacks; export the bundle with --tap %s"
                              .formatted(name, tap.name(), manifest.name(), tap.name())));
      if (!found.equals(tap)) {
        throw new InvalidProbeException(
            "probe %s expects %s, but bundle %s has %s; train one for it"
                .formatted(name, tap, manifest.name(), found));
      }
    }
    if (!shape.fitsTogether() || !scales.keySet().equals(Set.copyOf(shape.metrics()))) {
      throw new InvalidProbeException(
          "probe %s has an impossible shape: %s with scales for %s"
              .formatted(name, shape, scales.keySet()));
    }
    for (String metric : shape.metrics()) {
      if (shape.picture()
          && manifest.metrics().stream().noneMatch(spec -> spec.name().equals(metric))) {
        throw new InvalidProbeException(
            "probe %s judges by the metric %s, which bundle %s lacks; export the bundle with it"
                .formatted(name, metric, manifest.name()));
      }
    }
    List<Integer> prompt = List.of(shape.promptTokens(), shape.promptChannels());
    if (shape.latentChannels() != manifest.latents().channels()
        || !promptEmbedding.equals(manifest.promptEmbedding())
        || manifest.textEncoder().outputs().stream()
            .noneMatch(out -> out.name().equals(promptEmbedding) && out.shape().equals(prompt))) {
      throw new InvalidProbeException(
          "probe %s expects %d latent channels and the prompt embedding %s %s, which bundle %s does not have; train one for it"
              .formatted(name, shape.latentChannels(), promptEmbedding, prompt, manifest.name()));
    }
  }

  /**
   * Reads the weights into {@code manager}.
   *
   * @param file the content of the safetensors file
   * @throws InvalidProbeException if it is damaged or does not hold what the JSON says
   */
  public ProbeWeights readWeights(InputStream file, NDManager manager) {
    try {
      byte[] bytes = file.readAllBytes();
      String found = Checksums.sha256(new ByteArrayInputStream(bytes));
      if (!found.equals(weightsSha256)) {
        throw new InvalidProbeException(
            "probe weights %s are damaged: SHA-256 is %s, the JSON says %s; copy the probe again"
                .formatted(weights, found, weightsSha256));
      }
      checkHeader(bytes);
      return ProbeWeights.of(NDList.decode(manager, bytes));
    } catch (IOException | IndexOutOfBoundsException | IllegalArgumentException e) {
      throw new InvalidProbeException("probe weights " + weights + " cannot be read: " + e, e);
    }
  }

  /** Checks names, shapes and data types before anything is handed to native code. */
  private void checkHeader(byte[] bytes) throws IOException {
    if (bytes.length < Long.BYTES) {
      throw new IOException("it is too short for a header");
    }
    long length = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getLong();
    if (length < 2 || length > bytes.length - Long.BYTES) {
      throw new IOException("the header does not fit the file");
    }
    JsonNode header = JSON.readTree(bytes, Long.BYTES, (int) length);
    Map<String, Shape> expected = ProbeWeights.shapes(shape);
    Set<String> names = new LinkedHashSet<>();
    header.fieldNames().forEachRemaining(names::add);
    names.remove("__metadata__");
    if (!names.equals(expected.keySet())) {
      throw new IOException("it holds " + names + ", the network has " + expected.keySet());
    }
    for (Map.Entry<String, Shape> weight : expected.entrySet()) {
      JsonNode entry = header.get(weight.getKey());
      long[] dimensions = JSON.convertValue(entry.path("shape"), long[].class);
      if (!entry.path("dtype").asText().equals("F32")
          || !new Shape(dimensions).equals(weight.getValue())) {
        throw new IOException(
            weight.getKey() + " is " + entry + ", the network needs F32 " + weight.getValue());
      }
    }
  }

  /**
   * Writes a probe: the weights first, then the JSON that names them, each under a temporary name
   * and renamed.
   *
   * @param directory where to; made if need be
   * @return the path of the JSON file
   * @throws IOException if a file cannot be written
   */
  public static Path write(Path directory, ProbeFile description, ProbeWeights weights)
      throws IOException {
    Files.createDirectories(directory);
    NDList list = new NDList(weights.arrays().values());
    byte[] bytes = list.encode(NDList.Encoding.SAFETENSORS);
    ProbeFile complete =
        new ProbeFile(
            FORMAT_VERSION,
            description.denoiserSha256,
            description.fractions,
            description.promptEmbedding,
            description.shape,
            description.scales,
            "probe.safetensors",
            Checksums.sha256(new ByteArrayInputStream(bytes)),
            description.provenance);
    place(directory.resolve(complete.weights), bytes);
    Path json = directory.resolve("probe.json");
    place(json, JSON.writerWithDefaultPrettyPrinter().writeValueAsBytes(complete));
    return json;
  }

  private static void place(Path file, byte[] bytes) throws IOException {
    Path partial = file.resolveSibling(file.getFileName() + ".tmp");
    Files.write(partial, bytes);
    Files.move(partial, file, StandardCopyOption.REPLACE_EXISTING);
  }
}
