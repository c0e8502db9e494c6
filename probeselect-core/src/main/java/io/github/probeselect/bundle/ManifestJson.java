package io.github.probeselect.bundle;

import com.fasterxml.jackson.annotation.JsonSetter;
import com.fasterxml.jackson.annotation.Nulls;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.probeselect.error.ProbeSelectException;
import io.github.probeselect.internal.WritableText;
import io.github.probeselect.internal.io.StrictJson;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.NoSuchFileException;
import java.util.List;
import java.util.Map;

/**
 * The JSON that describes a directory, with a supported version and all required fields; other
 * errors are found when it is bound to a record.
 */
final class ManifestJson {

  private static final ObjectMapper JSON =
      StrictJson.builder()
          .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
          .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
          // As Python writes them: scheduler configurations have "lambda_min_clipped": -Infinity.
          .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
          .defaultSetterInfo(JsonSetter.Value.forValueNulls(Nulls.FAIL))
          .withConfigOverride(
              List.class, list -> list.setSetterInfo(JsonSetter.Value.forContentNulls(Nulls.FAIL)))
          .build();

  /** The devices that a manifest may name; {@code any}: the modules follow their inputs. */
  private static final List<String> DEVICES = List.of("any", "cpu", "cuda", "mps");

  /** Optional fields of a tokenizer. */
  private static final List<String> OPTIONAL_OF_TOKENIZERS = List.of("encoder", "bosId", "eosId");

  private final DirectoryKind kind;
  private final BundleFiles files;
  private final ObjectNode root;

  private ManifestJson(DirectoryKind kind, BundleFiles files, ObjectNode root) {
    this.kind = kind;
    this.files = files;
    this.root = root;
  }

  /**
   * Reads the manifest.
   *
   * @param version the only format version that is read
   * @param required names of fields that must be there
   * @throws ProbeSelectException the kind's own, if it is absent, of another version or lacks a
   *     field
   */
  static ManifestJson read(
      DirectoryKind kind, BundleFiles files, int version, List<String> required) {
    ManifestJson json = new ManifestJson(kind, files, parse(kind, files));
    json.checkVersion(version);
    required.forEach(json::require);
    if (!json.root.hasNonNull("provenance")) {
      json.root.putObject("provenance");
    }
    return json;
  }

  private static ObjectNode parse(DirectoryKind kind, BundleFiles files) {
    try (InputStream stream = files.open(kind.manifest())) {
      if (JSON.readTree(stream) instanceof ObjectNode object) {
        return object;
      }
    } catch (NoSuchFileException | FileNotFoundException e) {
      throw kind.invalid(
          "no "
              + kind.noun()
              + " at "
              + files.location()
              + ": there is no "
              + kind.manifest()
              + " in it",
          e);
    } catch (IOException e) {
      throw kind.invalid(place(kind, files) + " cannot be read: " + reason(e), e);
    }
    throw kind.invalid(place(kind, files) + ": it is not a JSON object");
  }

  private void checkVersion(int version) {
    require("formatVersion");
    int found = StrictJson.formatVersion(root);
    if (found != version) {
      throw invalid(
          "format version "
              + root.path("formatVersion")
              + ", but this library reads version "
              + version
              + "; "
              + (found > version ? "use a newer library" : "export the " + kind.noun() + " again"));
    }
  }

  private void require(String field) {
    if (!root.hasNonNull(field)) {
      throw invalid("the field '" + field + "' is missing; export the " + kind.noun() + " again");
    }
  }

  /** The JSON tree, into which defaults are put. */
  ObjectNode root() {
    return root;
  }

  /** Fills in the optional fields of a tokenizer. */
  void completeTokenizer(JsonNode tokenizer) {
    if (tokenizer instanceof ObjectNode entry) {
      OPTIONAL_OF_TOKENIZERS.stream().filter(field -> !entry.has(field)).forEach(entry::putNull);
      if (!entry.hasNonNull("checks")) {
        entry.putArray("checks");
      }
    }
  }

  /** Returns the record that the JSON describes; refuses an unknown or missing field by name. */
  <T> T bind(Class<T> type) {
    try {
      return JSON.treeToValue(root, type);
    } catch (JsonProcessingException | RuntimeException e) {
      throw kind.invalid(place(kind, files) + " is not valid: " + reason(e), e);
    }
  }

  /** Refuses any data type at the modules' boundary except float32. */
  void checkBoundary(String dtype) {
    if (!dtype.equals("float32")) {
      throw invalid("dtype " + dtype + " at the boundary; only float32 is read");
    }
  }

  /** Refuses a device that no exporter writes. */
  void checkDevice(String device) {
    if (!DEVICES.contains(device)) {
      throw invalid(
          "unknown device '"
              + device
              + "'; known are "
              + String.join(", ", DEVICES)
              + "; export the "
              + kind.noun()
              + " again, or use a newer library");
    }
  }

  /** Refuses a name that could not be written into the files of a result. */
  void checkName(String what, String name) {
    if (name.isBlank()) {
      throw invalid("the name of " + what + " is empty");
    }
    WritableText.fault(name)
        .ifPresent(
            fault -> {
              throw invalid("the name of " + what + " contains " + fault);
            });
  }

  /** Refuses a tokenizer whose checks do not have {@code length} ids. */
  void checkTokenizer(BundleManifest.TokenizerSpec tokenizer) {
    if (tokenizer.length() < 1) {
      throw invalid(
          "length " + tokenizer.length() + " of " + tokenizer.file() + " is not positive");
    }
    String encoder = tokenizer.encoder();
    if (encoder != null && encoder.isBlank()) {
      throw invalid("encoder of " + tokenizer.file() + " is blank; name it or leave the field out");
    }
    for (BundleManifest.TokenizerCheck check : tokenizer.allChecks()) {
      if (check.ids().size() != tokenizer.length()) {
        throw invalid(
            "a check of "
                + tokenizer.file()
                + " has "
                + check.ids().size()
                + " ids, but every text becomes "
                + tokenizer.length()
                + " (length); export the "
                + kind.noun()
                + " again");
      }
    }
  }

  /** Refuses a file that is named but has no checksum. */
  void checkListed(List<String> named, Map<String, BundleManifest.FileSpec> listed) {
    for (String file : named) {
      if (!listed.containsKey(file)) {
        throw invalid("the file '" + file + "' has no entry, and so no checksum, in 'files'");
      }
    }
  }

  /** Returns the exception for an invalid manifest. */
  ProbeSelectException invalid(String what) {
    return kind.invalid(place(kind, files) + ": " + what);
  }

  private static String place(DirectoryKind kind, BundleFiles files) {
    return kind.noun() + " " + files.location() + ": " + kind.manifest();
  }

  private static String reason(Exception e) {
    if (e instanceof JsonMappingException mapping && !mapping.getPath().isEmpty()) {
      return "at " + mapping.getPathReference() + ": " + mapping.getOriginalMessage();
    }
    return String.valueOf(e.getMessage()).lines().findFirst().orElse(e.toString());
  }
}
