package io.github.probeselect.dataset;

import io.github.probeselect.bundle.BundleManifest.SchedulerSpec;
import io.github.probeselect.bundle.LatentShape;
import io.github.probeselect.bundle.Tap;
import io.github.probeselect.error.InvalidRequestException;
import java.util.List;
import java.util.stream.Stream;

/**
 * How a dataset was collected: everything that its values depend on. Every shard of a dataset has
 * the same header.
 *
 * @param bundle the name of the bundle
 * @param denoiserSha256 the checksum of its denoiser module
 * @param scheduler the scheduler of the model
 * @param steps steps of the schedule, each one denoiser evaluation
 * @param guidanceScale the guidance scale
 * @param width the images' width in pixels
 * @param height the images' height in pixels
 * @param latents the shape of the latents
 * @param promptEmbedding which text encoder output is recorded of every prompt
 * @param observedAfter the numbers of steps done at which the candidates were observed, ascending
 * @param taps the taps whose activations were recorded
 * @param metrics the names of the metrics that scored the finished images
 * @param previews whether they also scored the decoded x0 predictions
 * @param prompts the number of prompts of the whole dataset
 * @param promptsSha256 the SHA-256 of all prompts, one per line
 * @param promptsPerShard the number of prompts in a shard; the last may have fewer
 * @param seedsPerPrompt candidates of each prompt
 * @param firstSeed candidate {@code j} of prompt {@code i} has the seed {@code firstSeed + i *
 *     seedsPerPrompt + j}
 */
public record DatasetHeader(
    String bundle,
    String denoiserSha256,
    SchedulerSpec scheduler,
    int steps,
    double guidanceScale,
    int width,
    int height,
    LatentShape latents,
    PromptEmbedding promptEmbedding,
    List<Integer> observedAfter,
    List<Tap> taps,
    List<String> metrics,
    boolean previews,
    int prompts,
    String promptsSha256,
    int promptsPerShard,
    int seedsPerPrompt,
    long firstSeed) {

  /**
   * Copies the lists.
   *
   * @throws InvalidRequestException if a count or a size is not positive
   */
  public DatasetHeader {
    observedAfter = List.copyOf(observedAfter);
    taps = List.copyOf(taps);
    metrics = List.copyOf(metrics);
    if (Stream.of(steps, width, height, prompts, promptsPerShard, seedsPerPrompt)
        .anyMatch(count -> count < 1)) {
      throw new InvalidRequestException(
          "steps, width, height, prompts, promptsPerShard and seedsPerPrompt must be positive");
    }
  }

  /**
   * The fraction done at one of the observations, in (0, 1].
   *
   * @param observation the index of the observation, from 0 to {@code observedAfter().size() - 1}
   */
  public double fractionDone(int observation) {
    return (double) observedAfter.get(observation) / steps;
  }

  /** How many shards the whole dataset has. */
  public int shards() {
    return (prompts - 1) / promptsPerShard + 1;
  }

  /**
   * A text encoder output.
   *
   * @param name its name in the bundle
   * @param tokens its rows
   * @param channels its columns
   */
  public record PromptEmbedding(String name, int tokens, int channels) {}
}
