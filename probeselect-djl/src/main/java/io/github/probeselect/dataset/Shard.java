package io.github.probeselect.dataset;

import static io.github.probeselect.internal.io.NpyArray.Type.FLOAT32;
import static io.github.probeselect.internal.io.NpyArray.Type.FLOAT64;
import static io.github.probeselect.internal.io.NpyArray.Type.INT64;
import static io.github.probeselect.internal.io.NpyArray.Type.UINT8;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.github.probeselect.bundle.BundleManifest.Tap;
import io.github.probeselect.bundle.LatentShape;
import io.github.probeselect.error.InvalidDatasetException;
import io.github.probeselect.error.InvalidRequestException;
import io.github.probeselect.internal.io.NpyArray;
import io.github.probeselect.internal.io.NpyArray.Layout;
import io.github.probeselect.internal.io.NpzFile;
import io.github.probeselect.internal.io.StrictJson;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** One file of a dataset: consecutive prompts with all their records. */
final class Shard {

  static final int FORMAT_VERSION = 1;

  private static final String META = "meta.json";
  private static final String VOIDS = "image_void";
  private static final JsonMapper JSON =
      StrictJson.builder()
          .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
          .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
          .build();

  /** The JSON of a shard. */
  private record Meta(
      int formatVersion, DatasetHeader header, int firstPrompt, List<String> prompts) {}

  private final Meta meta;
  private final Map<String, NpyArray> arrays;

  private Shard(Meta meta, Map<String, NpyArray> arrays) {
    this.meta = meta;
    this.arrays = arrays;
  }

  /** A new shard, filled with zeros. */
  static Shard blank(DatasetHeader header, int firstPrompt, List<String> prompts) {
    Map<String, NpyArray> arrays = new LinkedHashMap<>();
    Map<String, Layout> layouts = layouts(header, prompts.size());
    layouts.forEach(Shard::checkSize);
    checkMemory(bytes(layouts));
    layouts.forEach((name, layout) -> arrays.put(name, NpyArray.zeros(layout)));
    return new Shard(new Meta(FORMAT_VERSION, header, firstPrompt, List.copyOf(prompts)), arrays);
  }

  /** How many prompts a shard of at most so many bytes holds; at least one. */
  static int promptsWithin(double bytes, DatasetHeader header) {
    return (int) Math.max(1, Math.min(Integer.MAX_VALUE, bytes / bytes(layouts(header, 1))));
  }

  private static double bytes(Map<String, Layout> layouts) {
    return layouts.values().stream().mapToDouble(Layout::bytes).sum();
  }

  private static void checkSize(String name, Layout layout) {
    if (!layout.isWithinReach()) {
      throw new InvalidRequestException(
          "the array "
              + name
              + " of a shard would have the shape "
              + layout.shape()
              + ", which takes 2 GiB or more; record fewer seeds or fractions");
    }
  }

  private static void checkMemory(double bytes) {
    long heap = Runtime.getRuntime().maxMemory();
    if (bytes > heap) {
      throw new InvalidRequestException(
          String.format(
              Locale.ROOT,
              "a shard would take %.0f MiB, and the heap has %d MiB; record fewer seeds or"
                  + " fractions, or give Java more memory with -Xmx",
              bytes / (1 << 20),
              heap >> 20));
    }
  }

  /**
   * Reads a file and checks version, checksums, data types and shapes.
   *
   * @throws InvalidDatasetException if it is not a whole shard
   */
  static Shard read(Path file) {
    try (NpzFile npz = NpzFile.open(file)) {
      JsonNode json = JSON.readTree(npz.read(META));
      int version = StrictJson.formatVersion(json);
      if (version != FORMAT_VERSION) {
        throw new InvalidDatasetException(
            String.format(
                Locale.ROOT,
                "shard %s has format version %s, this library reads version %d; %s",
                file,
                json.path("formatVersion"),
                FORMAT_VERSION,
                version > FORMAT_VERSION ? "use a newer library" : "collect it again"));
      }
      Meta meta = JSON.treeToValue(json, Meta.class);
      Map<String, NpyArray> arrays = new LinkedHashMap<>();
      for (Map.Entry<String, Layout> entry : layouts(meta.header, meta.prompts.size()).entrySet()) {
        arrays.put(entry.getKey(), read(npz, entry.getKey(), entry.getValue()));
      }
      if (npz.contains(VOIDS + ".npy")) {
        arrays.put(VOIDS, read(npz, VOIDS, voids(meta.header, meta.prompts.size())));
      }
      return new Shard(meta, arrays);
    } catch (IOException | RuntimeException e) {
      if (e instanceof InvalidDatasetException invalid) {
        throw invalid;
      }
      throw new InvalidDatasetException(
          String.format(
              Locale.ROOT,
              "shard %s is damaged: %s; delete it and collect again",
              file,
              e.getMessage()),
          e);
    }
  }

  private static NpyArray read(NpzFile npz, String name, Layout layout) throws IOException {
    try {
      return NpyArray.read(npz.read(name + ".npy"), layout);
    } catch (IOException e) {
      throw new IOException(name + ": " + e.getMessage(), e);
    }
  }

  void write(Path file) throws IOException {
    Map<String, byte[]> pieces = new LinkedHashMap<>();
    pieces.put(META, JSON.writerWithDefaultPrettyPrinter().writeValueAsBytes(meta));
    arrays.forEach((name, array) -> pieces.put(name + ".npy", array.toBytes()));
    NpzFile.write(file, pieces);
  }

  private static Layout voids(DatasetHeader header, int prompts) {
    return Layout.of(UINT8, prompts, header.seedsPerPrompt());
  }

  /** Marks the image of a candidate as void. */
  void markVoid(int prompt, int candidate) {
    arrays
        .computeIfAbsent(VOIDS, unseen -> NpyArray.zeros(voids(header(), prompts().size())))
        .put(candidate(prompt, candidate), new byte[] {1});
  }

  /** Whether the image of a candidate is void. */
  boolean isVoid(int prompt, int candidate) {
    NpyArray voids = arrays.get(VOIDS);
    return voids != null && voids.bytes(candidate(prompt, candidate), 1)[0] != 0;
  }

  /**
   * Names and layouts of the arrays of {@code prompts} prompts, except the optional array of void
   * images.
   */
  private static Map<String, Layout> layouts(DatasetHeader header, int prompts) {
    int seeds = header.seedsPerPrompt();
    int times = header.observedAfter().size();
    LatentShape latents = header.latents();
    Layout maps =
        Layout.of(
            FLOAT32, prompts, seeds, times, latents.channels(), latents.height(), latents.width());
    Map<String, Layout> layouts = new LinkedHashMap<>();
    layouts.put("seeds", Layout.of(INT64, prompts, seeds));
    layouts.put(
        "prompt_embedding",
        Layout.of(
            FLOAT32,
            prompts,
            header.promptEmbedding().tokens(),
            header.promptEmbedding().channels()));
    for (Tap tap : header.taps()) {
      layouts.put(
          tapArray(tap.name()),
          Layout.of(
              FLOAT32, prompts, seeds, times, tap.channels(), tap.gridHeight(), tap.gridWidth()));
    }
    layouts.put("latents", maps);
    layouts.put("x0", maps);
    layouts.put("guidance_gap", Layout.of(FLOAT64, prompts, seeds, times));
    for (String metric : header.metrics()) {
      if (header.previews()) {
        layouts.put(previewArray(metric), Layout.of(FLOAT64, prompts, seeds, times));
      }
      layouts.put(scoreArray(metric), Layout.of(FLOAT64, prompts, seeds));
    }
    layouts.put("images", Layout.of(UINT8, prompts, seeds, header.height(), header.width(), 3));
    return layouts;
  }

  static String tapArray(String tap) {
    return "taps/" + tap;
  }

  static String previewArray(String metric) {
    return "previews/" + metric;
  }

  static String scoreArray(String metric) {
    return "scores/" + metric;
  }

  DatasetHeader header() {
    return meta.header;
  }

  /** The index in the whole dataset of the first prompt. */
  int firstPrompt() {
    return meta.firstPrompt;
  }

  List<String> prompts() {
    return meta.prompts;
  }

  NpyArray array(String name) {
    NpyArray array = arrays.get(name);
    if (array == null) {
      throw new InvalidDatasetException(
          String.format(
              Locale.ROOT,
              "the dataset has no %s, only %s; collect it again with that",
              name,
              arrays.keySet()));
    }
    return array;
  }

  /** The index of a candidate in arrays whose shape begins with [prompts, seeds]. */
  int candidate(int prompt, int candidate) {
    return prompt * header().seedsPerPrompt() + candidate;
  }

  /** The index of an observation in arrays whose shape begins with [prompts, seeds, times]. */
  int observation(int prompt, int candidate, int time) {
    return candidate(prompt, candidate) * header().observedAfter().size() + time;
  }
}
