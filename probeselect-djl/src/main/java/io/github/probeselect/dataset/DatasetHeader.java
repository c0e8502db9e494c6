package io.github.probeselect.dataset;

import com.fasterxml.jackson.databind.annotation.JsonDeserialize;
import io.github.probeselect.bundle.BundleManifest.SchedulerSpec;
import io.github.probeselect.bundle.BundleManifest.Tap;
import io.github.probeselect.bundle.LatentShape;
import java.util.List;

/**
 * How a dataset was collected: everything that its values depend on. Every shard of a dataset has
 * the same header. Immutable; equal to another of the same content.
 */
@JsonDeserialize(as = DatasetHeaderValues.class)
public sealed interface DatasetHeader permits DatasetHeaderValues {

  /** The name of the bundle. */
  String bundle();

  /** The checksum of its denoiser module. */
  String denoiserSha256();

  /** The scheduler of the model. */
  SchedulerSpec scheduler();

  /** Steps of the schedule, each one denoiser evaluation. */
  int steps();

  /** The guidance scale. */
  double guidanceScale();

  /** The images' width in pixels. */
  int width();

  /** The images' height in pixels. */
  int height();

  /** The shape of the latents. */
  LatentShape latents();

  /** Which text encoder output is recorded of every prompt. */
  PromptEmbedding promptEmbedding();

  /** The numbers of steps done at which the candidates were observed, ascending. */
  List<Integer> observedAfter();

  /** The taps whose activations were recorded. */
  List<Tap> taps();

  /** The names of the metrics that scored the finished images. */
  List<String> metrics();

  /** Whether they also scored the decoded x0 predictions. */
  boolean previews();

  /** The number of prompts of the whole dataset. */
  int prompts();

  /** The SHA-256 of all prompts, one per line. */
  String promptsSha256();

  /** The number of prompts in a shard; the last may have fewer. */
  int promptsPerShard();

  /** Candidates of each prompt. */
  int seedsPerPrompt();

  /**
   * Candidate {@code j} of prompt {@code i} has the seed {@code firstSeed + i * seedsPerPrompt +
   * j}.
   */
  long firstSeed();

  /**
   * The fraction done at one of the observations, in (0, 1].
   *
   * @param observation the index of the observation, from 0 to {@code observedAfter().size() - 1}
   */
  default double fractionDone(int observation) {
    return (double) observedAfter().get(observation) / steps();
  }

  /** How many shards the whole dataset has. */
  default int shards() {
    return (prompts() - 1) / promptsPerShard() + 1;
  }

  /** A text encoder output. */
  @JsonDeserialize(as = DatasetHeaderValues.PromptEmbeddingValues.class)
  sealed interface PromptEmbedding permits DatasetHeaderValues.PromptEmbeddingValues {

    /** Its name in the bundle. */
    String name();

    /** Its rows. */
    int tokens();

    /** Its columns. */
    int channels();
  }
}
