package io.github.probeselect.bundle;

import com.fasterxml.jackson.annotation.JsonSetter;
import com.fasterxml.jackson.annotation.Nulls;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.probeselect.error.InvalidBundleException;
import io.github.probeselect.error.InvalidRequestException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.List;

/** Reads {@code manifest.json} and refuses what it does not say or says wrongly, field by field. */
final class ManifestReader {

  private static final ObjectMapper JSON =
      JsonMapper.builder()
          .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
          .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
          // As Python writes them: scheduler configurations have "lambda_min_clipped": -Infinity.
          .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
          .defaultSetterInfo(JsonSetter.Value.forValueNulls(Nulls.FAIL))
          .withConfigOverride(
              List.class, list -> list.setSetterInfo(JsonSetter.Value.forContentNulls(Nulls.FAIL)))
          .build();

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

  /** Ids that a tokenizer may have none of. */
  private static final List<String> SPECIAL_IDS = List.of("bosId", "eosId");

  private ManifestReader() {}

  static BundleManifest read(BundleFiles files) {
    ObjectNode json = parse(files);
    if (!json.hasNonNull("formatVersion")) {
      throw missing(files, "formatVersion");
    }
    int version = json.path("formatVersion").asInt(-1);
    if (version != BundleManifest.FORMAT_VERSION) {
      throw invalid(
          files,
          "format version "
              + json.path("formatVersion")
              + ", but this library reads version "
              + BundleManifest.FORMAT_VERSION
              + "; "
              + (version > BundleManifest.FORMAT_VERSION
                  ? "use a newer library"
                  : "export the bundle again"));
    }
    for (String field : REQUIRED) {
      if (!json.hasNonNull(field)) {
        throw missing(files, field);
      }
    }
    if (json.get("latents") instanceof ObjectNode latents && !latents.hasNonNull("patch")) {
      latents.put("patch", 1);
    }
    if (json.get("scheduler") instanceof ObjectNode scheduler && !scheduler.has("sigmas")) {
      scheduler.putNull("sigmas");
    }
    for (JsonNode tokenizer : json.path("tokenizers")) {
      for (String field : SPECIAL_IDS) {
        if (tokenizer instanceof ObjectNode entry && !entry.has(field)) {
          entry.putNull(field);
        }
      }
    }
    OPTIONAL_LISTS.stream().filter(field -> !json.hasNonNull(field)).forEach(json::putArray);
    if (!json.hasNonNull("provenance")) {
      json.putObject("provenance");
    }
    BundleManifest manifest;
    try {
      manifest = JSON.treeToValue(json, BundleManifest.class);
    } catch (JsonProcessingException | RuntimeException e) {
      throw new InvalidBundleException(
          "bundle " + files.location() + ": manifest.json is not valid: " + reason(e), e);
    }
    check(files, manifest);
    return manifest;
  }

  private static ObjectNode parse(BundleFiles files) {
    try (InputStream stream = files.open(Bundle.MANIFEST)) {
      JsonNode json = JSON.readTree(stream);
      if (json instanceof ObjectNode object) {
        return object;
      }
      throw invalid(files, "it is not a JSON object");
    } catch (NoSuchFileException | FileNotFoundException e) {
      throw new InvalidBundleException(
          "no bundle at " + files.location() + ": there is no manifest.json in it", e);
    } catch (IOException e) {
      throw new InvalidBundleException(
          "bundle " + files.location() + ": manifest.json cannot be read: " + reason(e), e);
    }
  }

  private static void check(BundleFiles files, BundleManifest manifest) {
    if (!manifest.dtype().equals("float32")) {
      throw invalid(files, "dtype " + manifest.dtype() + " at the boundary; only float32 is read");
    }
    BundleManifest.LatentSpace latents = manifest.latents();
    if (latents.channels() < 1 || latents.pixelsPerLatent() < 1 || latents.patch() < 1) {
      throw invalid(files, "latents must have positive channels, pixelsPerLatent and patch");
    }
    double scale = manifest.defaults().guidanceScale();
    if (manifest.defaults().steps() < 1 || !(scale >= 0 && Double.isFinite(scale))) {
      throw invalid(files, "defaults need at least one step and a guidance scale of at least 0");
    }
    BundleManifest.SizeRule size = manifest.size();
    if (size.multipleOf() < 1
        || size.multipleOf() % (latents.pixelsPerLatent() * latents.patch()) != 0
        || size.min() < 1
        || size.max() < size.min()) {
      throw invalid(
          files,
          "size " + size + " must be a range of multiples of pixelsPerLatent * patch, in pixels");
    }
    try {
      manifest.latentShape(manifest.defaults().width(), manifest.defaults().height());
    } catch (InvalidRequestException e) {
      throw invalid(files, "defaults: " + e.getMessage());
    }
    if (manifest.tokenizers().isEmpty()) {
      throw invalid(files, "tokenizers is empty; the text encoder needs at least one");
    }
    if (manifest.textEncoder().outputs().stream()
        .noneMatch(output -> output.name().equals(manifest.promptEmbedding()))) {
      throw invalid(
          files,
          "promptEmbedding '"
              + manifest.promptEmbedding()
              + "' is not among the outputs of the text encoder");
    }
    for (BundleManifest.TapSpec tap : manifest.taps()) {
      if (tap.channels() < 1
          || tap.grid() == null
          || tap.grid().size() != 2
          || tap.grid().get(0) < 1
          || tap.grid().get(1) < 1) {
        throw invalid(files, "tap '" + tap.name() + "' needs positive channels and a grid [h, w]");
      }
    }
    for (BundleManifest.MetricSpec metric : manifest.metrics()) {
      if (metric.tokenizer() < 0 || metric.tokenizer() >= manifest.tokenizers().size()) {
        throw invalid(
            files, "metric '" + metric.name() + "' names tokenizer " + metric.tokenizer());
      }
    }
    for (String file : named(manifest)) {
      if (!manifest.files().containsKey(file)) {
        throw invalid(
            files, "the file '" + file + "' has no entry, and so no checksum, in 'files'");
      }
    }
  }

  private static List<String> named(BundleManifest manifest) {
    List<String> named = new ArrayList<>();
    manifest.tokenizers().forEach(tokenizer -> named.add(tokenizer.file()));
    named.add(manifest.textEncoder().file());
    named.add(manifest.denoiser().file());
    named.add(manifest.vaeDecoder().file());
    manifest.metrics().forEach(metric -> named.add(metric.file()));
    manifest.probes().forEach(probe -> named.add(probe.file()));
    return named;
  }

  private static InvalidBundleException invalid(BundleFiles files, String what) {
    return new InvalidBundleException("bundle " + files.location() + ": manifest.json: " + what);
  }

  private static InvalidBundleException missing(BundleFiles files, String field) {
    return invalid(files, "the field '" + field + "' is missing; export the bundle again");
  }

  private static String reason(Exception e) {
    if (e instanceof JsonMappingException mapping && !mapping.getPath().isEmpty()) {
      return "at " + mapping.getPathReference() + ": " + mapping.getOriginalMessage();
    }
    return String.valueOf(e.getMessage()).lines().findFirst().orElse(e.toString());
  }
}
