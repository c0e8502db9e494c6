package io.github.probeselect;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.probeselect.internal.io.WholeFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Writes a result as PNG files and {@code result.json}. */
final class ResultFiles {

  private static final ObjectMapper JSON = new ObjectMapper();

  private ResultFiles() {}

  static List<Path> write(GenerationResult result, Path directory) throws IOException {
    List<Path> images = new ArrayList<>();
    for (KeptImage image : result.images()) {
      Path file = directory.resolve(name(image, result));
      image.writePng(file);
      images.add(file);
    }
    String json = json(result, images).toPrettyString() + "\n";
    WholeFile.write(directory.resolve("result.json"), json.getBytes(StandardCharsets.UTF_8));
    return images;
  }

  /**
   * The seed, if it identifies the image; else a candidate's number too, as others may have the
   * seed.
   */
  private static String name(KeptImage image, GenerationResult result) {
    if (image.origin().equals(Origin.seed(image.seed()))) {
      return "seed-" + image.seed() + ".png";
    }
    List<Origin> origins = result.candidates().stream().map(Candidate::origin).toList();
    return String.format(
        Locale.ROOT, "seed-%d-candidate-%d.png", image.seed(), origins.indexOf(image.origin()) + 1);
  }

  private static ObjectNode json(GenerationResult result, List<Path> images) {
    Settings settings = result.settings();
    ObjectNode json = JSON.createObjectNode();
    json.put("bundle", settings.bundle());
    json.put("modelHash", settings.modelHash());
    json.put("prompt", settings.prompt());
    json.put("negativePrompt", settings.negativePrompt());
    json.put("scheduler", settings.scheduler());
    json.put("steps", settings.steps());
    json.put("scheduleSteps", settings.scheduleSteps());
    ArrayNode steps = json.putArray("decisionSteps");
    settings.decisionSteps().forEach(steps::add);
    json.put("guidanceScale", settings.guidanceScale());
    json.put("width", settings.width());
    json.put("height", settings.height());
    json.put("device", settings.device());
    json.put("reproducible", settings.reproducible());
    ArrayNode candidates = json.putArray("candidates");
    for (Candidate candidate : result.candidates()) {
      ObjectNode entry = candidates.addObject();
      entry.put("seed", candidate.seed());
      describe(candidate.origin(), entry);
      entry.put("score", finiteOrNull(candidate.score().orElse(Double.NaN)));
      entry.put("rank", candidate.rank());
      entry.put("outcome", candidate.outcome().name());
      entry.put("stepsDone", candidate.stepsDone());
      entry.put("finalScore", finiteOrNull(candidate.finalScore().orElse(Double.NaN)));
      entry.put("guidanceGap", finiteOrNull(candidate.guidanceGap()));
    }
    json.put("evaluations", result.evaluations().spent());
    json.put("evaluationsWithoutSelection", result.evaluations().withoutSelection());
    json.put("guidanceBranches", result.evaluations().branches());
    json.put("wallSeconds", result.timings().total().toNanos() * 1e-9);
    ArrayNode paths = json.putArray("images");
    images.forEach(image -> paths.add(image.getFileName().toString()));
    ArrayNode voids = json.putArray("voidImages");
    for (int i = 0; i < images.size(); i++) {
      if (result.images().get(i).isVoid()) {
        voids.add(images.get(i).getFileName().toString());
      }
    }
    ArrayNode warnings = json.putArray("warnings");
    result.warnings().forEach(warnings::add);
    return json;
  }

  /** Writes noise variations, wording and guidance scale of a candidate, if it has its own. */
  private static void describe(Origin origin, ObjectNode entry) {
    if (!origin.noise().variations().isEmpty()) {
      ArrayNode variations = entry.putArray("variations");
      origin
          .noise()
          .variations()
          .forEach(
              variation ->
                  variations
                      .addObject()
                      .put("seed", variation.seed())
                      .put("strength", variation.strength()));
    }
    origin.wording().ifPresent(wording -> entry.put("wording", wording));
    origin.guidanceScale().ifPresent(scale -> entry.put("guidanceScale", scale));
  }

  private static @Nullable Double finiteOrNull(double value) {
    return Double.isFinite(value) ? value : null;
  }
}
