package io.github.probeselect;

import io.github.probeselect.internal.Arguments;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * What a generation gave. Immutable.
 *
 * @param settings the settings that, with a seed, make an image again
 * @param candidates every candidate, in the order of the request
 * @param images the images of the kept candidates, best first
 * @param evaluations what was spent
 * @param timings where the time went
 * @param warnings what the caller should know: text that was cut, candidates that could not be
 *     judged, images that are void
 */
public record GenerationResult(
    Settings settings,
    List<Candidate> candidates,
    List<KeptImage> images,
    Evaluations evaluations,
    Timings timings,
    List<String> warnings) {

  /** Copies the lists. */
  public GenerationResult {
    candidates = List.copyOf(candidates);
    images = List.copyOf(images);
    warnings = List.copyOf(warnings);
  }

  /**
   * Writes the kept images as {@code seed-SEED.png}, those that differ by more than their seed as
   * {@code seed-SEED-candidate-NUMBER.png}, and this result as {@code result.json} into a
   * directory, which is made if need be. Files are written under a temporary name and renamed.
   *
   * @return the paths of the images, best first
   * @throws IOException if a file cannot be written
   */
  public List<Path> writeTo(Path directory) throws IOException {
    Arguments.require("directory", directory);
    return ResultFiles.write(this, directory);
  }

  /**
   * Wall-clock time of each part of a generation.
   *
   * @param encode encoding the prompt
   * @param early the steps up to the last decision point
   * @param decide scoring and selecting at all decision points, previews included
   * @param remaining the steps after the last decision point, kept candidates
   * @param decode turning latents into images, and scoring these if the request says so
   * @param total all of that together
   */
  public record Timings(
      Duration encode,
      Duration early,
      Duration decide,
      Duration remaining,
      Duration decode,
      Duration total) {}
}
