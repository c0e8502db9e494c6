package io.github.probeselect.djl.training;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.probeselect.bundle.Bundle;
import io.github.probeselect.error.InvalidProbeException;
import io.github.probeselect.internal.io.Checksums;
import io.github.probeselect.internal.io.WholeFile;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;

/** Puts a trained probe into a bundle directory, so that it ships with the model. */
public final class ProbeInstaller {

  private static final String FOLDER = "probe";
  private static final String JSON_FILE = "probe.json";

  /** The fields that name the file beside the JSON, of a network and of a TorchScript probe. */
  private static final List<String> WEIGHTS_FIELDS = List.of("weights", "module");

  private static final ObjectMapper JSON = new ObjectMapper();

  private ProbeInstaller() {}

  /**
   * Copies a probe of either kind into a bundle and lists it in the manifest, in place of the one
   * that was there. The manifest is written last and renamed into place; files that only the old
   * probe had are then deleted.
   *
   * @param bundle the bundle's directory
   * @param probe the directory that holds {@code probe.json} and the file that it names
   * @param fractions the fractions done that it was trained at
   * @throws InvalidProbeException if a file of the probe is missing, or the JSON names none beside
   *     it
   * @throws io.github.probeselect.error.InvalidBundleException if the bundle is damaged
   * @throws IOException if a file cannot be copied
   */
  public static void install(Path bundle, Path probe, List<Double> fractions) throws IOException {
    List<String> names = List.of(JSON_FILE, weightsFile(probe));
    for (String name : names) {
      checkPresent(probe, name);
    }
    Path manifest = bundle.resolve(Bundle.MANIFEST);
    ObjectNode json = (ObjectNode) JSON.readTree(manifest.toFile());
    Path folder = Files.createDirectories(bundle.resolve(FOLDER));
    ObjectNode files = json.withObject("/files");
    List<String> old = removeEntries(files);
    for (String name : names) {
      Path copy = folder.resolve(name);
      Files.copy(probe.resolve(name), copy, StandardCopyOption.REPLACE_EXISTING);
      try (InputStream stream = Files.newInputStream(copy)) {
        ObjectNode entry = files.putObject(FOLDER + "/" + name);
        entry.put("sha256", Checksums.sha256(stream));
        entry.put("bytes", Files.size(copy));
      }
    }
    ArrayNode probes = json.putArray("probes");
    for (double fraction : fractions) {
      probes.addObject().put("file", FOLDER + "/" + JSON_FILE).put("fraction", fraction);
    }
    WholeFile.write(manifest, (json.toPrettyString() + "\n").getBytes(StandardCharsets.UTF_8));
    for (String file : old) {
      if (!files.has(file)) {
        Files.deleteIfExists(bundle.resolve(file));
      }
    }
    Bundle.open(bundle);
  }

  private static void checkPresent(Path probe, String name) {
    if (!Files.isRegularFile(probe.resolve(name))) {
      throw new InvalidProbeException("no probe at " + probe + ": " + name + " is missing");
    }
  }

  /** The name of the file with the weights, which lies beside the JSON. */
  private static String weightsFile(Path probe) {
    checkPresent(probe, JSON_FILE);
    Path file = probe.resolve(JSON_FILE);
    try {
      JsonNode json = JSON.readTree(file.toFile());
      return WEIGHTS_FIELDS.stream()
          .map(field -> json.path(field).asText())
          .filter(ProbeInstaller::liesBeside)
          .findFirst()
          .orElseThrow(
              () ->
                  new InvalidProbeException(
                      file + " names no file beside it as any of " + WEIGHTS_FIELDS));
    } catch (IOException e) {
      throw new InvalidProbeException(file + " is not valid JSON of a probe: " + e, e);
    }
  }

  private static boolean liesBeside(String name) {
    return !name.isEmpty()
        && !name.equals("..")
        && name.chars().noneMatch(c -> c == '/' || c == '\\' || c == ':');
  }

  /** Removes the files in the probe's folder from a list of files. */
  private static List<String> removeEntries(ObjectNode files) {
    List<String> removed = new ArrayList<>();
    files
        .fieldNames()
        .forEachRemaining(
            file -> {
              if (file.startsWith(FOLDER + "/")) {
                removed.add(file);
              }
            });
    files.remove(removed);
    return removed;
  }
}
