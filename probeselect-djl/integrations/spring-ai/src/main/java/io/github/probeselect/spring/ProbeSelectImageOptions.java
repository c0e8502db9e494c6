package io.github.probeselect.spring;

import io.github.probeselect.GenerationRequest;
import io.github.probeselect.error.InvalidRequestException;
import io.github.probeselect.planning.Budget;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.StringJoiner;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.springframework.ai.image.ImageOptions;
import org.springframework.util.StringUtils;

/**
 * The options of a call of {@link ProbeSelectImageModel}. Immutable and thread-safe. An option that
 * is not set is {@code null}; the options of the model, and then the defaults of the bundle, apply
 * in its place.
 *
 * <pre>{@code
 * ImageOptions fourOfSixteen =
 *     ProbeSelectImageOptions.builder().candidates(16).keep(4).steps(30).seed(1000L).build();
 * ImageResponse response = imageModel.call(new ImagePrompt("two green stars", fourOfSixteen));
 * }</pre>
 *
 * <p>Some options exclude each other, as they answer the same question: {@code candidates}, {@code
 * seeds} and {@code budget} (how many candidates), {@code seed}, {@code seeds} and {@code
 * randomSeeds} (which ones), {@code budget} and {@code decisionFraction} (when to select). Together
 * in one object they are refused. In {@link Builder#merge} one of them takes the place of the
 * others.
 */
public final class ProbeSelectImageOptions implements ImageOptions {

  private final Map<Option, Object> values;

  private ProbeSelectImageOptions(Map<Option, Object> values) {
    this.values = Collections.unmodifiableMap(new EnumMap<>(values));
  }

  /** Begins with no option set. */
  public static Builder builder() {
    return new Builder();
  }

  /** Begins with these options. */
  public Builder mutate() {
    return builder().merge(this);
  }

  Map<Option, Object> values() {
    return values;
  }

  private <T> @Nullable T get(Option option, Class<T> type) {
    return type.cast(values.get(option));
  }

  /** The number of images to return, 1 by default; {@link #getKeep} is the same. */
  @Override
  public @Nullable Integer getN() {
    return get(Option.N, Integer.class);
  }

  /** The number of candidates to finish and return: {@link #getN} by its name in this library. */
  public @Nullable Integer getKeep() {
    return getN();
  }

  /** The name of the bundle; any other is refused. */
  @Override
  public @Nullable String getModel() {
    return get(Option.MODEL, String.class);
  }

  /** The width of the images in pixels. */
  @Override
  public @Nullable Integer getWidth() {
    return get(Option.WIDTH, Integer.class);
  }

  /** The height of the images in pixels. */
  @Override
  public @Nullable Integer getHeight() {
    return get(Option.HEIGHT, Integer.class);
  }

  /** {@code b64_json}; anything else is refused, as images have no URL. */
  @Override
  public @Nullable String getResponseFormat() {
    return get(Option.RESPONSE_FORMAT, String.class);
  }

  /** A style, which is refused: the prompt is where a style is described. */
  @Override
  public @Nullable String getStyle() {
    return get(Option.STYLE, String.class);
  }

  /** How many candidates are started; by default four for each image. */
  public @Nullable Integer getCandidates() {
    return get(Option.CANDIDATES, Integer.class);
  }

  /** What the call may cost, in place of the number of candidates. */
  public @Nullable Budget getBudget() {
    return get(Option.BUDGET, Budget.class);
  }

  /** The seed of the first candidate, 0 by default; those of the others follow it. */
  public @Nullable Long getSeed() {
    return get(Option.SEED, Long.class);
  }

  /** The seeds of all candidates. */
  public @Nullable List<Long> getSeeds() {
    @SuppressWarnings("unchecked") // put by the builder
    List<Long> seeds = get(Option.SEEDS, List.class);
    return seeds;
  }

  /** Whether every call has other seeds, false by default. */
  public @Nullable Boolean getRandomSeeds() {
    return get(Option.RANDOM_SEEDS, Boolean.class);
  }

  /** The fraction of the steps, in (0, 1], after which candidates are dropped; 0.2 by default. */
  public @Nullable Double getDecisionFraction() {
    return get(Option.DECISION_FRACTION, Double.class);
  }

  /** Denoising steps. */
  public @Nullable Integer getSteps() {
    return get(Option.STEPS, Integer.class);
  }

  /** The guidance scale, at least 0. */
  public @Nullable Double getGuidanceScale() {
    return get(Option.GUIDANCE_SCALE, Double.class);
  }

  /** What the images should not show. */
  public @Nullable String getNegativePrompt() {
    return get(Option.NEGATIVE_PROMPT, String.class);
  }

  /** How long the call may take, waiting for its turn included; unlimited by default. */
  public @Nullable Duration getTimeout() {
    return get(Option.TIMEOUT, Duration.class);
  }

  /** Whether the response holds a preview of every candidate. */
  public @Nullable Boolean getPreviews() {
    return get(Option.PREVIEWS, Boolean.class);
  }

  /** Whether an image is bit-identical whatever other candidates run. */
  public @Nullable Boolean getReproducible() {
    return get(Option.REPRODUCIBLE, Boolean.class);
  }

  /** The maximum number of candidates in one denoiser call. */
  public @Nullable Integer getMicroBatchSize() {
    return get(Option.MICRO_BATCH_SIZE, Integer.class);
  }

  @Nullable UnaryOperator<GenerationRequest> customizer() {
    @SuppressWarnings("unchecked") // put by the builder
    UnaryOperator<GenerationRequest> customizer = get(Option.CUSTOMIZER, UnaryOperator.class);
    return customizer;
  }

  /**
   * Refuses options that exclude each other.
   *
   * @throws InvalidRequestException naming two of them
   */
  void requireConsistent() {
    Set<Option> two = Option.contradiction(values);
    if (!two.isEmpty()) {
      StringJoiner names = new StringJoiner(" and ");
      two.forEach(option -> names.add(option.label));
      throw new InvalidRequestException(
          "the options " + names + " exclude each other; leave one of them out");
    }
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof ProbeSelectImageOptions that && values.equals(that.values);
  }

  @Override
  public int hashCode() {
    return values.hashCode();
  }

  /** The options that are set, by their names. */
  @Override
  public String toString() {
    StringJoiner set = new StringJoiner(", ", "ProbeSelectImageOptions{", "}");
    values.forEach((option, value) -> set.add(option.label + "=" + value));
    return set.toString();
  }

  /**
   * Collects options. Not thread-safe. Every method takes {@code null} for an option that is not
   * set; values are checked by the call that uses them.
   */
  public static final class Builder {

    private final Map<Option, Object> values = new EnumMap<>(Option.class);

    private Builder() {}

    private Builder set(Option option, @Nullable Object value) {
      if (value == null) {
        values.remove(option);
      } else {
        values.put(option, value);
      }
      return this;
    }

    /**
     * Puts options over those set so far. Only what is set there counts, so that a default never
     * takes the place of a value; each option also replaces those that it excludes, such as {@code
     * seeds} a number of {@code candidates}.
     *
     * @param over options of this class or of any other; {@code null} changes nothing
     */
    public Builder merge(@Nullable ImageOptions over) {
      if (over != null) {
        Map<Option, Object> merged =
            Option.merge(
                values,
                over instanceof ProbeSelectImageOptions own ? own.values : portable(over).values);
        values.clear();
        values.putAll(merged);
      }
      return this;
    }

    private static Builder portable(ImageOptions options) {
      return builder()
          .n(options.getN())
          .model(options.getModel())
          .width(options.getWidth())
          .height(options.getHeight())
          .responseFormat(options.getResponseFormat())
          .style(options.getStyle());
    }

    /** Sets the number of images to return, from 1 to the number of candidates. */
    public Builder n(@Nullable Integer n) {
      return set(Option.N, n);
    }

    /** Sets the number of candidates to finish and return: the same as {@link #n}. */
    public Builder keep(@Nullable Integer keep) {
      return n(keep);
    }

    /** Sets the name of the bundle, which a call checks. Blank is the same as not set. */
    public Builder model(@Nullable String model) {
      return set(Option.MODEL, textOrNull(model));
    }

    /** Sets the width in pixels. The model determines which sizes are possible. */
    public Builder width(@Nullable Integer width) {
      return set(Option.WIDTH, width);
    }

    /** Sets the height in pixels. The model determines which sizes are possible. */
    public Builder height(@Nullable Integer height) {
      return set(Option.HEIGHT, height);
    }

    /** Sets the form of the images; {@code b64_json} is the only one. */
    public Builder responseFormat(@Nullable String responseFormat) {
      return set(Option.RESPONSE_FORMAT, textOrNull(responseFormat));
    }

    /** Sets a style, which a call refuses. */
    public Builder style(@Nullable String style) {
      return set(Option.STYLE, textOrNull(style));
    }

    /** Sets the number of candidates, from 1 to 65,536. */
    public Builder candidates(@Nullable Integer candidates) {
      return set(Option.CANDIDATES, candidates);
    }

    /** Sets a budget, such as {@code Budget.fullRuns(3)}. The bundle needs a calibration. */
    public Builder budget(@Nullable Budget budget) {
      return set(Option.BUDGET, budget);
    }

    /** Sets the seed of the first candidate. */
    public Builder seed(@Nullable Long seed) {
      return set(Option.SEED, seed);
    }

    /**
     * Sets the seeds of all candidates.
     *
     * @throws InvalidRequestException if one is {@code null}
     */
    public Builder seeds(@Nullable List<Long> seeds) {
      if (seeds == null) {
        return set(Option.SEEDS, null);
      }
      List<Long> copy = new ArrayList<>();
      for (@Nullable Long seed : seeds) {
        if (seed == null) {
          throw new InvalidRequestException(
              "seeds[" + copy.size() + "] is null; give a whole number, or leave it out");
        }
        copy.add(seed);
      }
      return set(Option.SEEDS, Collections.unmodifiableList(copy));
    }

    /** Sets the seeds of all candidates. */
    public Builder seeds(long... seeds) {
      List<Long> boxed = new ArrayList<>();
      for (long seed : seeds) {
        boxed.add(seed);
      }
      return seeds(boxed);
    }

    /** Sets whether the seeds differ from call to call. */
    public Builder randomSeeds(@Nullable Boolean randomSeeds) {
      return set(Option.RANDOM_SEEDS, randomSeeds);
    }

    /** Sets the fraction of the steps, in (0, 1], after which candidates are dropped. */
    public Builder decisionFraction(@Nullable Double fraction) {
      return set(Option.DECISION_FRACTION, fraction);
    }

    /** Sets the number of denoising steps, at least 1. */
    public Builder steps(@Nullable Integer steps) {
      return set(Option.STEPS, steps);
    }

    /** Sets the guidance scale, at least 0. */
    public Builder guidanceScale(@Nullable Double guidanceScale) {
      return set(Option.GUIDANCE_SCALE, guidanceScale);
    }

    /** Sets what the images should not show. */
    public Builder negativePrompt(@Nullable String negativePrompt) {
      return set(Option.NEGATIVE_PROMPT, negativePrompt);
    }

    /** Sets how long the call may take, above 0. */
    public Builder timeout(@Nullable Duration timeout) {
      return set(Option.TIMEOUT, timeout);
    }

    /** Sets whether the response holds a preview of every candidate. */
    public Builder previews(@Nullable Boolean previews) {
      return set(Option.PREVIEWS, previews);
    }

    /** Sets whether an image is bit-identical whatever other candidates run. */
    public Builder reproducible(@Nullable Boolean reproducible) {
      return set(Option.REPRODUCIBLE, reproducible);
    }

    /** Sets the maximum number of candidates in one denoiser call, at least 1. */
    public Builder microBatchSize(@Nullable Integer microBatchSize) {
      return set(Option.MICRO_BATCH_SIZE, microBatchSize);
    }

    /**
     * Sets what is done to the request once all other options are in it: everything that has no
     * option, such as a listener, a policy, signals or origins.
     */
    public Builder customizer(@Nullable UnaryOperator<GenerationRequest> customizer) {
      return set(Option.CUSTOMIZER, customizer);
    }

    /** Returns the options. */
    public ProbeSelectImageOptions build() {
      return new ProbeSelectImageOptions(values);
    }

    private static @Nullable String textOrNull(@Nullable String text) {
      return StringUtils.hasText(text) ? text : null;
    }
  }
}
