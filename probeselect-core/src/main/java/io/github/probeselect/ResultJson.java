package io.github.probeselect;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.databind.ObjectWriter;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.github.probeselect.GenerationResult.ImageForm;
import io.github.probeselect.internal.io.JsonFields;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The JSON form of a result, described in {@code docs/integrations.md}. */
final class ResultJson {

  private static final String PREVIEW = "preview";

  /** Line breaks are the same on every system. */
  private static final ObjectWriter JSON =
      JsonMapper.builder()
          .disable(JsonGenerator.Feature.AUTO_CLOSE_TARGET)
          .build()
          .writer(new DefaultPrettyPrinter().withObjectIndenter(new DefaultIndenter("  ", "\n")));

  private ResultJson() {}

  static String text(GenerationResult result, ImageForm form) {
    try {
      return JSON.writeValueAsString(map(result, form)) + "\n";
    } catch (JsonProcessingException e) {
      throw new AssertionError(e);
    }
  }

  static void write(GenerationResult result, ImageForm form, OutputStream stream)
      throws IOException {
    JSON.writeValue(stream, map(result, form));
    stream.write('\n');
    stream.flush();
  }

  static Map<String, @Nullable Object> map(GenerationResult result, ImageForm form) {
    List<Origin> origins = result.candidates().stream().map(Candidate::origin).toList();
    List<String> names = new ArrayList<>();
    List<String> voids = new ArrayList<>();
    Map<Origin, String> nameOf = new LinkedHashMap<>();
    Map<String, Object> data = new LinkedHashMap<>();
    for (KeptImage image : result.images()) {
      String name = name(image.origin(), origins);
      names.add(name);
      nameOf.put(image.origin(), name);
      if (image.isVoid()) {
        voids.add(name);
      }
      if (form == ImageForm.BASE64) {
        data.put(name, image.toPng());
      }
    }
    JsonFields json =
        new JsonFields()
            .all(result.settings().toMap())
            .with("plan", result.plan().toMap())
            .with(
                "candidates",
                result.candidates().stream()
                    .map(candidate -> candidate(candidate, nameOf.get(candidate.origin()), form))
                    .toList())
            .with("evaluations", result.evaluations().spent())
            .with("evaluationsWithoutSelection", result.evaluations().withoutSelection())
            .with("guidanceBranches", result.evaluations().branches())
            .number("share", result.evaluations().share())
            .all(seconds(result.timings().total()))
            .with("timings", result.timings().toMap())
            .with("images", names)
            .with("voidImages", voids);
    if (form == ImageForm.BASE64) {
      json.with("imageData", data);
    }
    return json.with("warnings", result.warnings()).toMap();
  }

  /** A candidate, with the name of its image if that is returned. */
  private static Map<String, @Nullable Object> candidate(
      Candidate candidate, @Nullable String image, ImageForm form) {
    Map<String, @Nullable Object> fields = new LinkedHashMap<>(candidate.toMap());
    if (form != ImageForm.BASE64) {
      fields.remove(PREVIEW);
    }
    if (image != null) {
      fields.put("image", image);
    }
    return fields;
  }

  /** A time: {@code wallSeconds} is what differs between two runs of a request. */
  static Map<String, @Nullable Object> seconds(Duration time) {
    return new JsonFields().with("wallSeconds", time.toNanos() * 1e-9).toMap();
  }

  /**
   * The name of the file of an image: the seed, if it identifies the image; else a candidate's
   * number too, as others may have the seed.
   */
  static String name(Origin origin, List<Origin> origins) {
    if (origin.equals(Origin.seed(origin.seed()))) {
      return "seed-" + origin.seed() + ".png";
    }
    return String.format(
        Locale.ROOT, "seed-%d-candidate-%d.png", origin.seed(), origins.indexOf(origin) + 1);
  }
}
