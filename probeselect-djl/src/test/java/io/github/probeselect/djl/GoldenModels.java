package io.github.probeselect.djl;

import io.github.probeselect.model.DiffusionModel;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The models that diffusers made golden files with: the default one, and small random ones. */
final class GoldenModels {

  /** Their names, the default model's first. */
  static final List<String> NAMES = List.of("tiny-sd2", "stable-diffusion-3", "flux-dev");

  private static final Map<String, GoldenModules> RANDOM = new HashMap<>();

  private GoldenModels() {}

  /** Where the golden files of a model lie among the resources. */
  static String folder(String name) {
    return name.equals(NAMES.get(0)) ? "golden/" + name + "/" : "bundles/" + name + "/";
  }

  /** A model that is open until {@link #close}. */
  static DiffusionModel open(String name) {
    return name.equals(NAMES.get(0))
        ? DefaultModel.model()
        : RANDOM.computeIfAbsent(name, GoldenModules::random).model();
  }

  static void close() {
    RANDOM.values().forEach(GoldenModules::close);
    RANDOM.clear();
  }
}
