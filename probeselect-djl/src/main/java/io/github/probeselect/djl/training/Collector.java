package io.github.probeselect.djl.training;

import io.github.probeselect.DecisionPoint;
import io.github.probeselect.GenerationResult;
import io.github.probeselect.KeptImage;
import io.github.probeselect.Pipeline;
import io.github.probeselect.bundle.BundleManifest;
import io.github.probeselect.bundle.Checksums;
import io.github.probeselect.bundle.LatentShape;
import io.github.probeselect.bundle.Tap;
import io.github.probeselect.djl.network.Folding;
import io.github.probeselect.djl.network.ProbeShape;
import io.github.probeselect.error.InvalidRequestException;
import io.github.probeselect.image.RgbImage;
import io.github.probeselect.model.Observation;
import io.github.probeselect.model.QualityMetric;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.LongStream;

/**
 * Runs prompts to the end through a pipeline and records what a probe learns from: the observation
 * at the decision point, the finished image in small, and its reward. Shards already in the
 * directory are kept, so that a collection that was stopped goes on where it was.
 */
public final class Collector {

  /** Prompts in one shard. */
  private static final int SHARD = 25;

  private final Pipeline pipeline;
  private final ProbeShape shape;
  private final QualityMetric metric;
  private final double fraction;
  private final int seedsPerPrompt;
  private final int neighbours;

  /**
   * Makes a collector.
   *
   * @param pipeline the model
   * @param shape what the probe will read
   * @param metric what the probe will predict
   * @param fraction the decision point, in (0, 1]
   * @param seedsPerPrompt candidates per prompt, at least 2
   * @param neighbours under how many similar prompts each finished image is scored as well
   * @throws InvalidRequestException if there are fewer than two seeds per prompt
   */
  public Collector(
      Pipeline pipeline,
      ProbeShape shape,
      QualityMetric metric,
      double fraction,
      int seedsPerPrompt,
      int neighbours) {
    if (seedsPerPrompt < 2) {
      throw new InvalidRequestException(
          "seeds per prompt = " + seedsPerPrompt + "; ranking needs at least 2");
    }
    this.pipeline = pipeline;
    this.shape = shape;
    this.metric = metric;
    this.fraction = fraction;
    this.seedsPerPrompt = seedsPerPrompt;
    this.neighbours = neighbours;
  }

  /** The shape of a probe that reads all taps of a bundle. */
  public static ProbeShape shape(BundleManifest manifest, int width, int heads, int layers) {
    List<Tap> taps = manifest.taps().stream().map(BundleManifest.TapSpec::toTap).toList();
    List<Integer> prompt =
        manifest.textEncoder().outputs().stream()
            .filter(output -> output.name().equals(manifest.promptEmbedding()))
            .findFirst()
            .orElseThrow()
            .shape();
    return new ProbeShape(
        taps, manifest.latents().channels(), prompt.get(0), prompt.get(1), width, heads, layers);
  }

  /**
   * Collects, and reads everything back.
   *
   * @param progress told after every shard how many prompts are done
   * @throws IOException if the directory cannot be read or written
   * @throws InvalidRequestException if a shard is damaged or was collected with other settings
   */
  public Dataset collect(List<String> prompts, Path directory, Progress progress)
      throws IOException {
    Files.createDirectories(directory);
    String key = key(prompts);
    int[][] nearest = Neighbours.of(prompts, neighbours);
    List<Example> examples = new ArrayList<>();
    for (int from = 0; from < prompts.size(); from += SHARD) {
      int to = Math.min(prompts.size(), from + SHARD);
      Path file = directory.resolve(String.format(Locale.ROOT, "shard-%05d.bin", from));
      if (!Files.exists(file)) {
        List<Example> shard = new ArrayList<>();
        for (int i = from; i < to; i++) {
          shard.add(example(prompts, i, nearest[i]));
        }
        Shard.write(file, key, shard);
      }
      examples.addAll(Shard.read(file, key));
      progress.done(to, prompts.size());
    }
    return new Dataset(examples, nearest, metric.name(), fraction, shape, key);
  }

  private Example example(List<String> prompts, int index, int[] nearest) {
    String prompt = prompts.get(index);
    Map<Long, float[]> grids = new HashMap<>();
    List<float[]> embeddings = new ArrayList<>();
    long first = (long) index * seedsPerPrompt;
    GenerationResult result =
        pipeline
            .request(prompt)
            .seeds(LongStream.range(first, first + seedsPerPrompt).toArray())
            .keep(seedsPerPrompt)
            .decideAt(DecisionPoint.fraction(fraction))
            .observer(
                observation -> {
                  for (int row = 0; row < observation.size(); row++) {
                    grids.put(observation.seeds().get(row), grid(observation, row));
                  }
                  if (embeddings.isEmpty()) {
                    embeddings.add(observation.conditioning().promptEmbedding());
                  }
                })
            .generate();
    List<Example.Seed> seeds = new ArrayList<>();
    for (KeptImage kept : result.images()) {
      float[] rewards = new float[1 + nearest.length];
      rewards[0] = (float) metric.score(kept.image(), prompt);
      for (int i = 0; i < nearest.length; i++) {
        rewards[1 + i] = (float) metric.score(kept.image(), prompts.get(nearest[i]));
      }
      float[] grid = grids.get(kept.seed());
      if (grid == null) {
        throw new IllegalStateException("seed " + kept.seed() + " was never observed");
      }
      seeds.add(new Example.Seed(kept.seed(), grid, target(kept.image()), rewards));
    }
    return new Example(prompt, embeddings.get(0), seeds);
  }

  private float[] grid(Observation observation, int row) {
    float[] grid = new float[shape.inputChannels() * shape.cells()];
    int at = 0;
    for (Tap tap : shape.taps()) {
      float[] values = observation.activations().values(row, tap.name());
      System.arraycopy(values, 0, grid, at, values.length);
      at += values.length;
    }
    LatentShape latents = observation.shape();
    float[] folded =
        Folding.fold(
            observation.originalPredictions().get(row),
            latents.channels(),
            latents.height(),
            latents.width(),
            shape.gridHeight(),
            shape.gridWidth(),
            ProbeShape.FOLD);
    System.arraycopy(folded, 0, grid, at, folded.length);
    return grid;
  }

  private float[] target(RgbImage image) {
    return Folding.fold(
        image.toPlanes(),
        3,
        image.height(),
        image.width(),
        shape.gridHeight(),
        shape.gridWidth(),
        ProbeShape.TARGET_FOLD);
  }

  /** What the content of a shard depends on. */
  private String key(List<String> prompts) throws IOException {
    byte[] text = String.join("\n", prompts).getBytes(StandardCharsets.UTF_8);
    return String.join(
        " ",
        pipeline.manifest().name(),
        pipeline.manifest().denoiserHash(),
        metric.name(),
        "fraction=" + fraction,
        "seeds=" + seedsPerPrompt,
        "neighbours=" + neighbours,
        "prompts=" + Checksums.sha256(new ByteArrayInputStream(text)));
  }

  /** Is told how far a collection is. */
  @FunctionalInterface
  public interface Progress {
    /** Called after every shard. */
    void done(int prompts, int ofPrompts);
  }
}
