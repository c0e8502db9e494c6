package io.github.probeselect.dataset;

import io.github.probeselect.bundle.BundleManifest.SchedulerSpec;
import io.github.probeselect.bundle.BundleManifest.Tap;
import io.github.probeselect.bundle.LatentShape;
import io.github.probeselect.error.InvalidRequestException;
import java.util.List;
import java.util.stream.Stream;

/** The header of a dataset; the components are the fields in its shards. */
record DatasetHeaderValues(
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
    long firstSeed)
    implements DatasetHeader {

  DatasetHeaderValues {
    observedAfter = List.copyOf(observedAfter);
    taps = List.copyOf(taps);
    metrics = List.copyOf(metrics);
    if (Stream.of(steps, width, height, prompts, promptsPerShard, seedsPerPrompt)
        .anyMatch(count -> count < 1)) {
      throw new InvalidRequestException(
          "steps, width, height, prompts, promptsPerShard and seedsPerPrompt must be positive");
    }
  }

  record PromptEmbeddingValues(String name, int tokens, int channels) implements PromptEmbedding {}
}
