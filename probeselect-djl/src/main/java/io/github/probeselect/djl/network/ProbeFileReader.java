package io.github.probeselect.djl.network;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.exc.InvalidTypeIdException;
import io.github.probeselect.bundle.BundleManifest;
import io.github.probeselect.djl.probe.ProbeShape;
import io.github.probeselect.error.InvalidProbeException;
import io.github.probeselect.internal.io.StrictJson;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** Reads {@code probe.json} and checks it against the model it is to be used with. */
public final class ProbeFileReader {

  private static final ObjectMapper JSON =
      StrictJson.builder()
          .enable(DeserializationFeature.FAIL_ON_NULL_CREATOR_PROPERTIES)
          .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
          .build();

  private ProbeFileReader() {}

  /**
   * Reads a probe's JSON.
   *
   * @param name what to call the file in messages
   * @throws InvalidProbeException if it is damaged, too new, of an unknown kind, or made for
   *     another model or tap
   */
  public static ProbeFile read(InputStream json, String name, BundleManifest manifest) {
    ProbeFile probe = parse(json, name);
    checkDenoiser(probe, name, manifest);
    probe.inputs().checkFit(name, probe.promptEmbedding(), manifest);
    checkMetrics(probe, name);
    if (probe instanceof NetworkProbeFile network) {
      checkNetwork(network.shape(), name, manifest);
      checkDeviations(network, name);
    }
    return probe;
  }

  /**
   * Reads a probe's JSON whatever model it was trained for.
   *
   * @param name what to call the file in messages
   * @throws InvalidProbeException if it is damaged, too new or of an unknown kind
   */
  public static ProbeFile parse(InputStream json, String name) {
    try {
      JsonNode node = JSON.readTree(json);
      int version = StrictJson.formatVersion(node);
      if (version != ProbeFile.FORMAT_VERSION) {
        throw new InvalidProbeException(
            String.format(
                Locale.ROOT,
                "probe %s has format version %s, this library reads version %d; %s",
                name,
                node.path("formatVersion"),
                ProbeFile.FORMAT_VERSION,
                version > ProbeFile.FORMAT_VERSION ? "use a newer library" : "train it again"));
      }
      return JSON.treeToValue(node, ProbeFile.class);
    } catch (InvalidTypeIdException e) {
      throw new InvalidProbeException(
          String.format(
              Locale.ROOT,
              "probe %s is of the kind '%s', this library knows 'network' and 'torchscript'",
              name,
              e.getTypeId()),
          e);
    } catch (IOException e) {
      throw new InvalidProbeException("probe " + name + " is not valid JSON of a probe: " + e, e);
    }
  }

  private static void checkDenoiser(ProbeFile probe, String name, BundleManifest manifest) {
    if (!probe.denoiserSha256().equals(manifest.denoiserHash())) {
      throw new InvalidProbeException(
          String.format(
              Locale.ROOT,
              "probe %s was trained for another model: for the denoiser %s, but bundle %s has %s; train one for it",
              name,
              probe.denoiserSha256(),
              manifest.name(),
              manifest.denoiserHash()));
    }
  }

  private static void checkMetrics(ProbeFile probe, String name) {
    List<String> metrics = probe.metrics();
    Set<String> different = Set.copyOf(metrics);
    if (metrics.isEmpty()
        || different.size() != metrics.size()
        || !different.equals(probe.scales().keySet())) {
      throw new InvalidProbeException(
          String.format(
              Locale.ROOT,
              "probe %s needs one scale for each of its metrics, it predicts %s with scales for %s",
              name,
              metrics,
              probe.scales().keySet()));
    }
  }

  private static void checkDeviations(NetworkProbeFile probe, String name) {
    boolean complete =
        probe.deviationFactors().keySet().equals(Set.copyOf(probe.metrics()))
            && probe.deviationFactors().values().stream()
                .allMatch(factors -> factors.size() == probe.fractions().size());
    if (!complete || probe.fractions().isEmpty()) {
      throw new InvalidProbeException(
          String.format(
              Locale.ROOT,
              "probe %s needs a deviation factor for each of %s at each of the fractions %s, it has %s",
              name,
              probe.metrics(),
              probe.fractions(),
              probe.deviationFactors()));
    }
  }

  private static void checkNetwork(ProbeShape shape, String name, BundleManifest manifest) {
    if (!shape.fitsTogether()) {
      throw new InvalidProbeException(
          String.format(Locale.ROOT, "probe %s has an impossible shape: %s", name, shape));
    }
    for (String metric : shape.metrics()) {
      if (shape.picture()
          && manifest.metrics().stream().noneMatch(spec -> spec.name().equals(metric))) {
        throw new InvalidProbeException(
            String.format(
                Locale.ROOT,
                "probe %s scores predicted images by the metric %s, which bundle %s lacks; export the bundle with it",
                name,
                metric,
                manifest.name()));
      }
    }
  }
}
