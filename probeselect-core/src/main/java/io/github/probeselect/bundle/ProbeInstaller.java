package io.github.probeselect.bundle;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.probeselect.error.InvalidProbeException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;

/** Puts a trained probe into a bundle directory, so that it ships with the model. */
public final class ProbeInstaller {

  private static final String FOLDER = "probe";
  private static final String JSON_FILE = "probe.json";
  private static final List<String> FILES = List.of(JSON_FILE, "probe.safetensors");
  private static final ObjectMapper JSON = new ObjectMapper();

  private ProbeInstaller() {}

  /**
   * Copies a probe into a bundle and lists it in the manifest, in place of the one that was there.
   * The manifest is written last and renamed into place.
   *
   * @param bundle the bundle's directory
   * @param probe the directory that holds {@code probe.json} and {@code probe.safetensors}
   * @param fractions the fractions done that it was trained at
   * @throws InvalidProbeException if a file of the probe is missing
   * @throws io.github.probeselect.error.InvalidBundleException if the bundle is damaged
   * @throws IOException if a file cannot be copied
   */
  public static void install(Path bundle, Path probe, List<Double> fractions) throws IOException {
    for (String file : FILES) {
      if (!Files.isRegularFile(probe.resolve(file))) {
        throw new InvalidProbeException("no probe at " + probe + ": " + file + " is missing");
      }
    }
    Path manifest = bundle.resolve(Bundle.MANIFEST);
    ObjectNode json = (ObjectNode) JSON.readTree(manifest.toFile());
    Path folder = Files.createDirectories(bundle.resolve(FOLDER));
    ObjectNode files = json.withObject("/files");
    for (String file : FILES) {
      Path copy = folder.resolve(file);
      Files.copy(probe.resolve(file), copy, StandardCopyOption.REPLACE_EXISTING);
      try (InputStream stream = Files.newInputStream(copy)) {
        ObjectNode entry = files.putObject(FOLDER + "/" + file);
        entry.put("sha256", Checksums.sha256(stream));
        entry.put("bytes", Files.size(copy));
      }
    }
    ArrayNode probes = json.putArray("probes");
    for (double fraction : fractions) {
      probes.addObject().put("file", FOLDER + "/" + JSON_FILE).put("fraction", fraction);
    }
    Path partial = bundle.resolve(Bundle.MANIFEST + ".tmp");
    Files.writeString(partial, json.toPrettyString() + "\n");
    Files.move(partial, manifest, StandardCopyOption.REPLACE_EXISTING);
    Bundle.open(bundle);
  }
}
