package io.github.probeselect.dataset;

import io.github.probeselect.GenerationResult;
import io.github.probeselect.Pipeline;
import io.github.probeselect.bundle.BundleManifest;
import io.github.probeselect.bundle.BundleManifest.Tap;
import io.github.probeselect.bundle.LatentShape;
import io.github.probeselect.error.InvalidRequestException;
import io.github.probeselect.image.RgbImage;
import io.github.probeselect.internal.WritableText;
import io.github.probeselect.internal.io.Checksums;
import io.github.probeselect.internal.io.WholeFile;
import io.github.probeselect.model.Conditioning;
import io.github.probeselect.model.Observation;
import io.github.probeselect.model.QualityMetric;
import io.github.probeselect.schedule.Scheduler;
import io.github.probeselect.selection.DecisionPoint;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.IntStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs every candidate of many prompts to the end and records its observations along the
 * trajectory, its finished image and the metrics' scores. Existing shards are kept, so a stopped
 * collection can be continued and ends with the same files. Void images are marked, and images that
 * a metric cannot score have the score NaN. Not thread-safe.
 */
public final class Collector {

  private static final Logger LOG = LoggerFactory.getLogger(Collector.class);

  /** A shard is held in memory until it is written, and once more while it is. */
  static final double LARGEST_SHARD = 512 << 20;

  private final Pipeline pipeline;
  private final CollectionSettings settings;
  private final List<QualityMetric> metrics;

  /**
   * Makes a collector.
   *
   * @param pipeline the model, with its default size, steps and guidance scale
   * @param metrics the metrics that score the images
   * @throws InvalidRequestException if two have the same name, or a name contains a NUL or half a
   *     surrogate pair
   */
  public Collector(Pipeline pipeline, CollectionSettings settings, List<QualityMetric> metrics) {
    this.pipeline = pipeline;
    this.settings = settings;
    this.metrics = List.copyOf(metrics);
    List<String> names = this.metrics.stream().map(QualityMetric::name).toList();
    names.forEach(name -> WritableText.require("the name of a metric", name));
    if (Set.copyOf(names).size() < names.size()) {
      throw new InvalidRequestException(
          "two metrics have the same name, so their scores could not be told apart: " + names);
    }
  }

  /**
   * Collects the shards of this machine's part and opens the directory.
   *
   * @param prompts all prompts of the dataset, the same on every machine
   * @param part the part that this machine collects
   * @param progress called after every prompt
   * @throws InvalidRequestException if there are no prompts, one is empty or cannot be written to a
   *     file, or the arrays of a shard would be too large
   * @throws io.github.probeselect.error.InvalidDatasetException if a shard that is already there is
   *     damaged or was collected in another way
   * @throws io.github.probeselect.error.GenerationCancelledException if the thread is interrupted
   * @throws IOException if the directory cannot be read or written
   */
  public Dataset collect(List<String> prompts, Path directory, Part part, PromptProgress progress)
      throws IOException {
    if (prompts.isEmpty()) {
      throw new InvalidRequestException("there are no prompts; give at least one");
    }
    for (int i = 0; i < prompts.size(); i++) {
      String which = "prompt " + (i + 1) + " of " + prompts.size();
      if (WritableText.require(which, prompts.get(i)).isBlank()) {
        throw new InvalidRequestException(which + " is empty; describe the image");
      }
    }
    DatasetHeader header = header(prompts, settings.promptsPerShard());
    int fitting = Shard.promptsWithin(LARGEST_SHARD, header);
    if (fitting < settings.promptsPerShard()) {
      header = header(prompts, fitting);
    }
    return collect(prompts, header, directory, part, progress);
  }

  private Dataset collect(
      List<String> prompts,
      DatasetHeader header,
      Path directory,
      Part part,
      PromptProgress progress)
      throws IOException {
    Files.createDirectories(directory);
    List<Integer> mine =
        IntStream.range(0, header.shards()).filter(part::contains).boxed().toList();
    int ofPrompts = mine.stream().mapToInt(index -> prompts(header, prompts, index).size()).sum();
    int done = 0;
    for (int index : mine) {
      Path file = directory.resolve(String.format(Locale.ROOT, "shard-%05d.npz", index));
      List<String> chosen = prompts(header, prompts, index);
      if (Files.exists(file)) {
        HeaderCheck.same(file, Shard.read(file).header(), "this collection", header);
        done += chosen.size();
        progress.done(done, ofPrompts);
        continue;
      }
      WholeFile.sweep(file);
      Shard shard = Shard.blank(header, index * header.promptsPerShard(), chosen);
      for (int row = 0; row < chosen.size(); row++) {
        record(shard, row);
        progress.done(++done, ofPrompts);
      }
      shard.write(file);
    }
    return Dataset.open(directory);
  }

  private static List<String> prompts(DatasetHeader header, List<String> prompts, int shard) {
    int first = shard * header.promptsPerShard();
    int count = Math.min(header.promptsPerShard(), prompts.size() - first);
    return prompts.subList(first, first + count);
  }

  private DatasetHeader header(List<String> prompts, int promptsPerShard) throws IOException {
    BundleManifest manifest = pipeline.manifest();
    BundleManifest.Defaults defaults = manifest.defaults();
    LatentShape latents = manifest.latentShape(defaults.width(), defaults.height());
    int steps =
        Scheduler.of(manifest.scheduler())
            .schedule(defaults.steps(), manifest.imageTokens(latents))
            .steps();
    List<Integer> embedding = manifest.promptEmbeddingShape();
    byte[] text = (String.join("\n", prompts) + "\n").getBytes(StandardCharsets.UTF_8);
    return new DatasetHeaderValues(
        manifest.name(),
        manifest.denoiserHash(),
        manifest.scheduler(),
        steps,
        defaults.guidanceScale(),
        defaults.width(),
        defaults.height(),
        latents,
        new DatasetHeaderValues.PromptEmbeddingValues(
            manifest.promptEmbedding(), embedding.get(0), embedding.get(1)),
        settings.fractions().stream()
            .map(fraction -> DecisionPoint.fraction(fraction).stepsDone(steps))
            .distinct()
            .sorted()
            .toList(),
        manifest.taps(),
        metrics.stream().map(QualityMetric::name).toList(),
        settings.previews(),
        prompts.size(),
        Checksums.sha256(new ByteArrayInputStream(text)),
        promptsPerShard,
        settings.seedsPerPrompt(),
        settings.firstSeed());
  }

  private void record(Shard shard, int row) {
    DatasetHeader header = shard.header();
    String prompt = shard.prompts().get(row);
    int seeds = header.seedsPerPrompt();
    long firstSeed = header.firstSeed() + (long) (shard.firstPrompt() + row) * seeds;
    DecisionPoint[] points =
        header.observedAfter().stream().map(DecisionPoint::step).toArray(DecisionPoint[]::new);
    GenerationResult result =
        pipeline
            .request(prompt)
            .candidates(seeds, firstSeed)
            .keep(seeds)
            .observeAt(points)
            .observer(observation -> record(shard, row, observation))
            .generate();
    List<RgbImage> images = result.images().stream().map(kept -> kept.image()).toList();
    for (int j = 0; j < seeds; j++) {
      byte[] rgb = images.get(j).toBytes();
      shard.array("seeds").put(shard.candidate(row, j), firstSeed + j);
      shard.array("images").put(shard.candidate(row, j) * rgb.length, rgb);
      if (images.get(j).isVoid()) {
        shard.markVoid(row, j);
        LOG.warn(
            "the image of seed {} of '{}' is void, it is not made of finite numbers",
            firstSeed + j,
            prompt);
      }
    }
    for (QualityMetric metric : metrics) {
      double[] scores = QualityMetric.Scores.of(metric, images, prompt).values();
      for (int j = 0; j < seeds; j++) {
        shard.array(Shard.scoreArray(metric.name())).put(shard.candidate(row, j), scores[j]);
      }
    }
    try (Conditioning conditioning = pipeline.model().encode(prompt, "")) {
      float[] embedding = conditioning.promptEmbedding();
      shard.array("prompt_embedding").put(row * embedding.length, embedding);
    }
  }

  private void record(Shard shard, int row, Observation observation) {
    DatasetHeader header = shard.header();
    int time =
        header
            .observedAfter()
            .indexOf((int) Math.round(observation.fractionDone() * header.steps()));
    for (int j = 0; j < observation.size(); j++) {
      int place = shard.observation(row, j, time);
      for (Tap tap : header.taps()) {
        float[] values = observation.activations().values(j, tap.name());
        shard.array(Shard.tapArray(tap.name())).put(place * values.length, values);
      }
      int count = header.latents().count();
      shard.array("latents").put(place * count, observation.latents().get(j));
      shard.array("x0").put(place * count, observation.x0Predictions().get(j));
      shard.array("guidance_gap").put(place, observation.guidanceGaps().get(j));
    }
    if (header.previews() && !metrics.isEmpty()) {
      List<RgbImage> previews = new ArrayList<>();
      for (float[] prediction : observation.x0Predictions()) {
        previews.add(pipeline.model().preview(prediction, header.latents()));
      }
      for (QualityMetric metric : metrics) {
        double[] scores = QualityMetric.Scores.of(metric, previews, observation.prompt()).values();
        for (int j = 0; j < scores.length; j++) {
          shard
              .array(Shard.previewArray(metric.name()))
              .put(shard.observation(row, j, time), scores[j]);
        }
      }
    }
  }

  /**
   * The part of a collection that one machine collects: every {@code of}-th shard.
   *
   * @param index the index of the part, from 0 to {@code of - 1}
   * @param of the number of parts
   */
  public record Part(int index, int of) {

    /** The whole collection. */
    public static final Part WHOLE = new Part(0, 1);

    /**
     * Checks the range.
     *
     * @throws InvalidRequestException if there is no such share
     */
    public Part {
      if (of < 1 || index < 0 || index >= of) {
        throw new InvalidRequestException(
            "part "
                + index
                + " of "
                + of
                + "; the index is from 0 to one less than the number of parts");
      }
    }

    private boolean contains(int shard) {
      return shard % of == index;
    }
  }
}
