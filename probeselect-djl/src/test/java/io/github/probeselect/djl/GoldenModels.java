package io.github.probeselect.djl;

import io.github.probeselect.bundle.Bundle;
import io.github.probeselect.model.DiffusionModel;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The models that diffusers made golden files with: the trained small ones, and random ones, which
 * {@code models/tests/golden/random_bundles.py} writes, with golden files beside them.
 */
final class GoldenModels {

  static final String DEFAULT = "tiny-sd2";

  /** The names of all of them. */
  static final List<String> NAMES =
      List.of(DEFAULT, "tiny-sd3", "tiny-flux", "stable-diffusion-3", "flux-dev");

  private static final Map<String, GoldenModules> OPEN = new HashMap<>();

  private GoldenModels() {}

  private static boolean isTrained(String name) {
    return name.startsWith("tiny-");
  }

  /** Where the golden files of a model lie among the resources. */
  static String folder(String name) {
    return (isTrained(name) ? "golden/" : "bundles/") + name + "/";
  }

  /** A model with what diffusers makes of its modules, open until {@link #close}. */
  static GoldenModules modules(String name) {
    return OPEN.computeIfAbsent(
        name,
        absent -> GoldenModules.open(bundle(name), resource(folder(name)).resolve("golden.json")));
  }

  /** A model that is open until {@link #close}. */
  static DiffusionModel open(String name) {
    return modules(name).model();
  }

  /** The bundle of a model. */
  static Bundle bundle(String name) {
    if (name.equals(DEFAULT)) {
      return DefaultModel.bundle();
    }
    return Bundle.open(
        isTrained(name)
            ? Path.of("..", "models", name, "bundle")
            : resource(folder(name)).resolve("bundle"));
  }

  private static Path resource(String name) {
    try {
      return Path.of(GoldenModels.class.getResource("/" + name).toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  static void close() {
    OPEN.values().forEach(GoldenModules::close);
    OPEN.clear();
  }
}
