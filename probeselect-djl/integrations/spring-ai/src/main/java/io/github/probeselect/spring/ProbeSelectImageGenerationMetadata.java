package io.github.probeselect.spring;

import io.github.probeselect.Candidate;
import io.github.probeselect.Candidate.Outcome;
import io.github.probeselect.KeptImage;
import io.github.probeselect.Origin;
import io.github.probeselect.Settings;
import java.util.Locale;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;
import org.springframework.ai.image.ImageGenerationMetadata;

/**
 * Where an image comes from, and how good it was found. Immutable.
 *
 * <pre>{@code
 * ImageGeneration best = response.getResult();
 * if (best.getMetadata() instanceof ProbeSelectImageGenerationMetadata metadata) {
 *   log.info("seed {} scored {}", metadata.getSeed(), metadata.getScore());
 * }
 * }</pre>
 */
public final class ProbeSelectImageGenerationMetadata implements ImageGenerationMetadata {

  private final KeptImage image;
  private final Candidate candidate;

  ProbeSelectImageGenerationMetadata(KeptImage image, Candidate candidate) {
    this.image = image;
    this.candidate = candidate;
  }

  /** The seed, with which the same settings give the same image. */
  public long getSeed() {
    return image.seed();
  }

  /** The seed and all else that distinguishes the candidate from the others. */
  public Origin getOrigin() {
    return image.origin();
  }

  /**
   * The last early score, higher is better; {@code null} if the candidate was not scored, NaN if it
   * could not be scored.
   */
  public @Nullable Double getScore() {
    return boxed(image.score());
  }

  /**
   * The score of the metric for the finished image; {@code null} if there is no metric, NaN if it
   * could not score the image.
   */
  public @Nullable Double getFinalScore() {
    return boxed(image.finalScore());
  }

  /** The place among all candidates, 1 is the best. */
  public int getRank() {
    return candidate.rank();
  }

  /** What became of the candidate: an image that is returned was kept. */
  public Outcome getOutcome() {
    return candidate.outcome();
  }

  /** The settings that, with the seed, make the image again. */
  public Settings getSettings() {
    return image.settings();
  }

  /** The settings in the form of the text chunk of the PNG, which image tools read. */
  public String getParameters() {
    return image.parameters();
  }

  /** Whether the image is meaningless because it is not made of finite numbers. */
  public boolean isVoid() {
    return image.isVoid();
  }

  private static @Nullable Double boxed(OptionalDouble score) {
    return score.isPresent() ? score.getAsDouble() : null;
  }

  /** Seed, rank and scores in a line. */
  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "ProbeSelectImageGenerationMetadata{seed=%d, rank=%d, outcome=%s, score=%s, finalScore=%s}",
        getSeed(),
        getRank(),
        getOutcome(),
        getScore(),
        getFinalScore());
  }
}
