package io.github.probeselect.dataset;

import io.github.probeselect.error.InvalidRequestException;
import java.util.List;

/**
 * The settings of a collection. Immutable.
 *
 * @param fractions the fractions done at which the candidates are observed, each in (0, 1];
 *     fractions that fall on the same step count once
 * @param seedsPerPrompt candidates of each prompt, at least 2
 * @param firstSeed the seed of the first candidate; the others follow consecutively
 * @param previews whether the metrics also score the decoded x0 predictions, which takes an image
 *     decoding for each candidate and fraction
 * @param promptsPerShard the number of prompts in one file; a collection puts fewer into it, at
 *     least one, where their arrays would take more than 512 MiB
 */
public record CollectionSettings(
    List<Double> fractions,
    int seedsPerPrompt,
    long firstSeed,
    boolean previews,
    int promptsPerShard) {

  /**
   * Copies the list and checks the ranges.
   *
   * @throws InvalidRequestException if there is no fraction or a number is out of range
   */
  public CollectionSettings {
    fractions = List.copyOf(fractions);
    if (fractions.isEmpty() || fractions.stream().anyMatch(f -> !(f > 0 && f <= 1))) {
      throw new InvalidRequestException(
          "fractions " + fractions + "; give at least one, each above 0 and at most 1");
    }
    if (seedsPerPrompt < 2) {
      throw new InvalidRequestException(
          "seeds per prompt = " + seedsPerPrompt + "; ranking needs at least 2");
    }
    if (promptsPerShard < 1) {
      throw new InvalidRequestException(
          "prompts per shard = " + promptsPerShard + "; a shard holds at least one");
    }
  }

  /**
   * Observations at the given fractions, of {@code seedsPerPrompt} seeds per prompt from 0 on,
   * without previews.
   */
  public static CollectionSettings of(List<Double> fractions, int seedsPerPrompt) {
    return new CollectionSettings(fractions, seedsPerPrompt, 0, false, 25);
  }

  /** The same with another first seed. */
  public CollectionSettings withFirstSeed(long seed) {
    return new CollectionSettings(fractions, seedsPerPrompt, seed, previews, promptsPerShard);
  }

  /** The same with or without scores of previews. */
  public CollectionSettings withPreviews(boolean scored) {
    return new CollectionSettings(fractions, seedsPerPrompt, firstSeed, scored, promptsPerShard);
  }

  /** The same with another number of prompts in a file. */
  public CollectionSettings withPromptsPerShard(int prompts) {
    return new CollectionSettings(fractions, seedsPerPrompt, firstSeed, previews, prompts);
  }
}
