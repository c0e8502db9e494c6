package io.github.probeselect.bundle;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.probeselect.error.InvalidRequestException;
import java.util.ArrayList;
import java.util.List;

/** Reads {@code manifest.json} and refuses what is missing or wrong, field by field. */
final class ManifestReader {

  private static final List<String> REQUIRED =
      List.of(
          "name",
          "family",
          "latents",
          "size",
          "defaults",
          "guidance",
          "scheduler",
          "tokenizers",
          "textEncoder",
          "promptEmbedding",
          "denoiser",
          "vaeDecoder",
          "dtype",
          "device",
          "files");

  private static final List<String> OPTIONAL_LISTS = List.of("taps", "metrics", "probes");

  /** The largest number of floats below 2 GiB. */
  private static final int LARGEST_TAP = Integer.MAX_VALUE / Float.BYTES;

  private ManifestReader() {}

  static BundleManifest read(BundleFiles files) {
    ManifestJson json =
        ManifestJson.read(DirectoryKind.BUNDLE, files, BundleManifest.FORMAT_VERSION, REQUIRED);
    ObjectNode root = json.root();
    if (root.get("latents") instanceof ObjectNode latents && !latents.hasNonNull("patch")) {
      latents.put("patch", 1);
    }
    if (root.get("scheduler") instanceof ObjectNode scheduler && !scheduler.has("sigmas")) {
      scheduler.putNull("sigmas");
    }
    if (!root.has("previewDecoder")) {
      root.putNull("previewDecoder");
    }
    root.path("tokenizers").forEach(json::completeTokenizer);
    OPTIONAL_LISTS.stream().filter(field -> !root.hasNonNull(field)).forEach(root::putArray);
    ManifestValues manifest = json.bind(ManifestValues.class);
    check(json, manifest);
    json.checkListed(named(manifest), manifest.files());
    return manifest;
  }

  private static void check(ManifestJson json, ManifestValues manifest) {
    json.checkBoundary(manifest.dtype());
    json.checkDevice(manifest.device());
    json.checkName("the model", manifest.name());
    BundleManifest.LatentSpace latents = manifest.latents();
    if (latents.channels() < 1 || latents.pixelsPerLatent() < 1 || latents.patch() < 1) {
      throw json.invalid("latents must have positive channels, pixelsPerLatent and patch");
    }
    double scale = manifest.defaults().guidanceScale();
    if (manifest.defaults().steps() < 1 || !(scale >= 0 && Double.isFinite(scale))) {
      throw json.invalid("defaults need at least one step and a guidance scale of at least 0");
    }
    BundleManifest.SizeRule size = manifest.size();
    if (size.multipleOf() < 1
        || size.multipleOf() % ((long) latents.pixelsPerLatent() * latents.patch()) != 0
        || size.min() < 1
        || size.max() < size.min()) {
      throw json.invalid(
          "size from "
              + size.min()
              + " to "
              + size.max()
              + " in multiples of "
              + size.multipleOf()
              + " must be a range of multiples of pixelsPerLatent * patch, in pixels");
    }
    try {
      manifest.latentShape(manifest.defaults().width(), manifest.defaults().height());
    } catch (InvalidRequestException e) {
      throw json.invalid("defaults: " + e.getMessage());
    }
    if (manifest.tokenizers().isEmpty()) {
      throw json.invalid("tokenizers is empty; the text encoder needs at least one");
    }
    manifest.tokenizers().forEach(json::checkTokenizer);
    if (manifest.textEncoder().outputs().stream()
        .noneMatch(output -> output.name().equals(manifest.promptEmbedding()))) {
      throw json.invalid(
          "promptEmbedding '"
              + manifest.promptEmbedding()
              + "' is not among the outputs of the text encoder");
    }
    for (ManifestValues.GridTap tap : manifest.gridTaps()) {
      if (tap.channels() < 1
          || tap.grid() == null
          || tap.grid().size() != 2
          || tap.grid().get(0) < 1
          || tap.grid().get(1) < 1) {
        throw json.invalid("tap '" + tap.name() + "' needs positive channels and a grid [h, w]");
      }
      if ((long) tap.grid().get(0) * tap.grid().get(1) > LARGEST_TAP / tap.channels()) {
        throw json.invalid("tap '" + tap.name() + "' has more values than an array can hold");
      }
      json.checkName("a tap", tap.name());
    }
    for (BundleManifest.MetricSpec metric : manifest.metrics()) {
      json.checkName("a metric", metric.name());
      if (metric.tokenizer() < 0 || metric.tokenizer() >= manifest.tokenizers().size()) {
        throw json.invalid("metric '" + metric.name() + "' names tokenizer " + metric.tokenizer());
      }
    }
  }

  private static List<String> named(BundleManifest manifest) {
    List<String> named = new ArrayList<>();
    manifest.tokenizers().forEach(tokenizer -> named.add(tokenizer.file()));
    named.add(manifest.textEncoder().file());
    named.add(manifest.denoiser().file());
    named.add(manifest.vaeDecoder().file());
    if (manifest.previewDecoder() != null) {
      named.add(manifest.previewDecoder().file());
    }
    manifest.metrics().forEach(metric -> named.add(metric.file()));
    manifest.probes().forEach(probe -> named.add(probe.file()));
    return named;
  }
}
