package io.github.probeselect;

import io.github.probeselect.internal.Arguments;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** What a generation gave. Immutable. */
public sealed interface GenerationResult permits GenerationResultValues {

  /** The settings that, with a seed, make an image again. */
  Settings settings();

  /** Every candidate, in the order of the request. */
  List<Candidate> candidates();

  /** The images of the kept candidates, best first. */
  List<KeptImage> images();

  /** What was spent. */
  Evaluations evaluations();

  /** Where the time went. */
  Timings timings();

  /**
   * What the caller should know: text that was cut, candidates that could not be scored, images
   * that are void.
   */
  List<String> warnings();

  /**
   * Writes the kept images as {@code seed-SEED.png}, those that differ by more than their seed as
   * {@code seed-SEED-candidate-NUMBER.png}, and this result as {@code result.json} into a
   * directory, which is created if it does not exist. Files are written under a temporary name and
   * renamed.
   *
   * @return the paths of the images, best first
   * @throws IOException if a file cannot be written
   */
  default List<Path> writeTo(Path directory) throws IOException {
    Arguments.require("directory", directory);
    return ResultFiles.write(this, directory);
  }

  /** What was spent, counted in denoiser evaluations of one candidate per guidance branch. */
  sealed interface Evaluations permits EvaluationsValues {

    /**
     * Evaluations run: every candidate's steps, which with one cut are {@code n * s + k * (T - s)}
     * for n candidates, k kept, s of the schedule's T steps before the decision.
     */
    long spent();

    /** What finishing every candidate takes: {@code n * T}. */
    long withoutSelection();

    /**
     * How many times the network ran per evaluation: 2 if any candidate was under classifier-free
     * guidance, else 1.
     */
    int branches();

    /**
     * {@code spent / withoutSelection}: in (0, 1] for a generation; in a session 0 at first, and
     * above 1 if steps had to be repeated.
     */
    default double share() {
      return (double) spent() / withoutSelection();
    }
  }

  /** Wall-clock time of each part of a generation. */
  sealed interface Timings permits TimingsValues {

    /** Encoding the prompt. */
    Duration encode();

    /** The steps up to the last decision point. */
    Duration early();

    /** Scoring and selecting at all decision points, previews included. */
    Duration decide();

    /** The steps after the last decision point, kept candidates. */
    Duration remaining();

    /** Turning latents into images, and scoring these if the request says so. */
    Duration decode();

    /** All of that together. */
    Duration total();
  }
}
