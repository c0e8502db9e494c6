package io.github.probeselect.djl.training;

import io.github.probeselect.DecisionPoint;
import io.github.probeselect.GenerationResult;
import io.github.probeselect.KeptImage;
import io.github.probeselect.Pipeline;
import io.github.probeselect.bundle.BundleManifest;
import io.github.probeselect.bundle.Checksums;
import io.github.probeselect.bundle.Tap;
import io.github.probeselect.djl.network.Folding;
import io.github.probeselect.djl.network.ProbeShape;
import io.github.probeselect.error.InvalidRequestException;
import io.github.probeselect.model.Observation;
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

/**
 * Runs prompts to the end through a pipeline and records what a probe learns from: the observation
 * at the decision point and the finished image. Shards already in the directory are kept, so that a
 * collection that was stopped goes on where it was.
 */
public final class Collector {

  /** Prompts in one shard. */
  private static final int SHARD = 25;

  private final Pipeline pipeline;
  private final ProbeShape shape;
  private final double fraction;
  private final int seedsPerPrompt;

  /**
   * Makes a collector.
   *
   * @param pipeline the model
   * @param shape what the probe will read
   * @param fraction the decision point, in (0, 1]
   * @param seedsPerPrompt candidates per prompt, at least 2
   * @throws InvalidRequestException if there are fewer than two seeds per prompt
   */
  public Collector(Pipeline pipeline, ProbeShape shape, double fraction, int seedsPerPrompt) {
    if (seedsPerPrompt < 2) {
      throw new InvalidRequestException(
          "seeds per prompt = " + seedsPerPrompt + "; ranking needs at least 2");
    }
    this.pipeline = pipeline;
    this.shape = shape;
    this.fraction = fraction;
    this.seedsPerPrompt = seedsPerPrompt;
  }

  /**
   * The shape of a probe that reads all taps of a bundle.
   *
   * @throws InvalidRequestException if the taps lie on different grids, or {@code heads} does not
   *     divide {@code width}
   */
  public static ProbeShape shape(BundleManifest manifest, int width, int heads, int layers) {
    List<Tap> taps = manifest.taps().stream().map(BundleManifest.TapSpec::toTap).toList();
    List<Integer> prompt =
        manifest.textEncoder().outputs().stream()
            .filter(output -> output.name().equals(manifest.promptEmbedding()))
            .findFirst()
            .orElseThrow()
            .shape();
    ProbeShape shape =
        new ProbeShape(
            taps,
            manifest.latents().channels(),
            prompt.get(0),
            prompt.get(1),
            width,
            heads,
            layers);
    if (!shape.fitsTogether()) {
      throw new InvalidRequestException(
          "a probe needs taps on one grid and heads that divide its width, got " + shape);
    }
    return shape;
  }

  /**
   * Collects the first {@code count} prompts. A later call with a larger count goes on from there.
   *
   * @param progress told after every shard how many prompts are done
   * @throws IOException if the directory cannot be read or written
   * @throws InvalidRequestException if {@code count} is not from 1 to the number of prompts, or a
   *     shard is damaged or was collected with other settings
   */
  public Collection collect(List<String> prompts, int count, Path directory, Progress progress)
      throws IOException {
    if (count < 1 || count > prompts.size()) {
      throw new InvalidRequestException(
          "count = " + count + "; collect from 1 to " + prompts.size() + " prompts");
    }
    Files.createDirectories(directory);
    String key = key(prompts);
    List<Recording> recordings = new ArrayList<>();
    for (int from = 0; from < count; from += SHARD) {
      int to = Math.min(count, from + SHARD);
      Path file = directory.resolve(String.format(Locale.ROOT, "shard-%05d-%05d.bin", from, to));
      if (!Files.exists(file)) {
        List<Recording> shard = new ArrayList<>();
        for (int i = from; i < to; i++) {
          shard.add(record(prompts.get(i), (long) i * seedsPerPrompt));
        }
        Shard.write(file, key, shard);
      }
      recordings.addAll(Shard.read(file, key));
      progress.done(to, count);
    }
    return new Collection(recordings, fraction, shape, key);
  }

  private Recording record(String prompt, long firstSeed) {
    Map<Long, float[]> grids = new HashMap<>();
    GenerationResult result =
        pipeline
            .request(prompt)
            .candidates(seedsPerPrompt, firstSeed)
            .keep(seedsPerPrompt)
            .decideAt(DecisionPoint.fraction(fraction))
            .observer(
                observation -> {
                  for (int row = 0; row < observation.size(); row++) {
                    grids.put(observation.seeds().get(row), grid(observation, row));
                  }
                })
            .generate();
    List<Recording.Seed> seeds = new ArrayList<>();
    for (KeptImage kept : result.images()) {
      float[] grid = grids.get(kept.seed());
      if (grid == null) {
        throw new IllegalStateException("seed " + kept.seed() + " was never observed");
      }
      seeds.add(new Recording.Seed(kept.seed(), grid, kept.image()));
    }
    return new Recording(prompt, seeds);
  }

  private float[] grid(Observation observation, int row) {
    float[] grid = new float[shape.inputChannels() * shape.cells()];
    int at = 0;
    for (Tap tap : shape.taps()) {
      float[] values = observation.activations().values(row, tap.name());
      System.arraycopy(values, 0, grid, at, values.length);
      at += values.length;
    }
    float[] folded = Folding.originalPrediction(observation, row, shape);
    System.arraycopy(folded, 0, grid, at, folded.length);
    return grid;
  }

  /** What the content of a shard depends on. */
  private String key(List<String> prompts) throws IOException {
    byte[] text = String.join("\n", prompts).getBytes(StandardCharsets.UTF_8);
    return String.join(
        " ",
        pipeline.manifest().name(),
        pipeline.manifest().denoiserHash(),
        "fraction=" + fraction,
        "seeds=" + seedsPerPrompt,
        "prompts=" + Checksums.sha256(new ByteArrayInputStream(text)));
  }

  /** Is told how far a collection is. */
  @FunctionalInterface
  public interface Progress {
    /** Called after every shard. */
    void done(int prompts, int ofPrompts);
  }
}
