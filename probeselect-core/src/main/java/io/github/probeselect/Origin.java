package io.github.probeselect;

import com.fasterxml.jackson.annotation.JsonValue;
import io.github.probeselect.annotation.Experimental;
import io.github.probeselect.error.InvalidRequestException;
import io.github.probeselect.internal.Arguments;
import io.github.probeselect.internal.WritableText;
import io.github.probeselect.internal.io.JsonFields;
import io.github.probeselect.noise.StartingNoise;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The starting noise of a candidate, and its own wording and guidance scale if it has them.
 * Together with the settings of the request it determines the image. Immutable.
 *
 * <pre>{@code
 * Origin liked = Origin.seed(7).guidanceScale(3);
 * GenerationRequest near =
 *     request.origins(liked, liked.varied(100, 0.2), Origin.seed(8).wording("a crimson disc"));
 * }</pre>
 */
public final class Origin {

  private final StartingNoise noise;
  private final Optional<String> wording;
  private final Optional<Double> guidanceScale;

  Origin(StartingNoise noise, Optional<String> wording, Optional<Double> guidanceScale) {
    wording.ifPresent(text -> checkWording("the wording", text));
    guidanceScale.ifPresent(Origin::checkGuidanceScale);
    this.noise = noise;
    this.wording = wording;
    this.guidanceScale = guidanceScale;
  }

  static void checkWording(String what, String wording) {
    if (wording.isBlank()) {
      throw new InvalidRequestException("a wording is empty; describe the image");
    }
    WritableText.require(what, wording);
  }

  static void checkGuidanceScale(double scale) {
    if (!(scale >= 0 && scale <= Float.MAX_VALUE)) {
      throw new InvalidRequestException(
          "guidance scale "
              + scale
              + "; it must be a number of at least 0 and at most that of a float, 3.4e38");
    }
  }

  /** A candidate with the given seed, and the request's prompt and guidance scale. */
  public static Origin seed(long seed) {
    return new Origin(StartingNoise.of(seed), Optional.empty(), Optional.empty());
  }

  /** The seed of the noise; for varied noise that of the noise it was varied from. */
  public long seed() {
    return noise.seed();
  }

  /**
   * The same, with the starting noise interpolated towards that of another seed.
   *
   * @param variationSeed the seed of the noise towards which it is varied
   * @param strength how far, in (0, 1]
   * @throws InvalidRequestException if the strength is out of range
   */
  @Experimental
  public Origin varied(long variationSeed, double strength) {
    return new Origin(noise.varied(variationSeed, strength), wording, guidanceScale);
  }

  /**
   * The same, conditioned on another prompt. Metrics still score against the request's prompt.
   *
   * @throws InvalidRequestException if it is empty or contains a NUL or half a surrogate pair
   */
  public Origin wording(String prompt) {
    return new Origin(noise, Optional.of(Arguments.require("wording", prompt)), guidanceScale);
  }

  /**
   * The same at another guidance scale.
   *
   * @throws InvalidRequestException if it is not a number of at least 0
   */
  public Origin guidanceScale(double scale) {
    return new Origin(noise, wording, Optional.of(scale));
  }

  /** The starting noise. */
  StartingNoise noise() {
    return noise;
  }

  /** The prompt that conditions the denoiser, if it is not the request's. */
  public Optional<String> wording() {
    return wording;
  }

  /** The guidance scale, if it is not the request's. */
  public Optional<Double> guidanceScale() {
    return guidanceScale;
  }

  /**
   * The fields of its JSON form by name, in the form that {@code docs/integrations.md} describes;
   * Jackson writes the value so. Unmodifiable.
   */
  @JsonValue
  public Map<String, @Nullable Object> toMap() {
    JsonFields fields = new JsonFields().with("seed", seed());
    if (!noise.variations().isEmpty()) {
      fields.with("variations", noise.variations().stream().map(Origin::fields).toList());
    }
    wording.ifPresent(text -> fields.with("wording", text));
    guidanceScale.ifPresent(scale -> fields.number("guidanceScale", scale));
    return fields.toMap();
  }

  private static Map<String, @Nullable Object> fields(StartingNoise.Variation variation) {
    return new JsonFields()
        .with("seed", variation.seed())
        .number("strength", variation.strength())
        .toMap();
  }

  /** Whether both have the same noise, wording and guidance scale, written in the same way. */
  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Origin that
        && noise.equals(that.noise)
        && wording.equals(that.wording)
        && guidanceScale.equals(that.guidanceScale);
  }

  @Override
  public int hashCode() {
    return Objects.hash(noise, wording, guidanceScale);
  }

  /** All of it in a line: {@code seed 7, guidance scale 3.0}. */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder("seed ").append(seed());
    noise
        .variations()
        .forEach(
            variation ->
                text.append(", varied by ")
                    .append(variation.strength())
                    .append(" towards seed ")
                    .append(variation.seed()));
    guidanceScale.ifPresent(scale -> text.append(", guidance scale ").append(scale));
    wording.ifPresent(prompt -> text.append(", \"").append(prompt).append('"'));
    return text.toString();
  }
}
