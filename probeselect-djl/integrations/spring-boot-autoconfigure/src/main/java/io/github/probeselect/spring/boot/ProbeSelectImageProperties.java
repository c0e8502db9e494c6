package io.github.probeselect.spring.boot;

import io.github.probeselect.error.InvalidRequestException;
import io.github.probeselect.planning.Budget;
import io.github.probeselect.spring.ProbeSelectImageOptions;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.NestedConfigurationProperty;

/** The options of every call, over which those of the call are put. */
@ConfigurationProperties(ProbeSelectImageProperties.PREFIX)
public class ProbeSelectImageProperties {

  /** Where the properties begin. */
  public static final String PREFIX = "spring.ai.probeselect.image";

  @NestedConfigurationProperty private final Options options = new Options();

  /** Creates properties that are not set. */
  public ProbeSelectImageProperties() {}

  /** The options. */
  public Options getOptions() {
    return options;
  }

  /** The options, each {@code null} if it is not set. */
  public static class Options {

    /** Name of the bundle. Start-up fails if it has another one. */
    private @Nullable String model;

    /** Number of images of a response, 1 if it is not set. */
    private @Nullable Integer n;

    /** The same as "n", by its name in ProbeSelect. */
    private @Nullable Integer keep;

    /** Number of candidates that are started. Four for each image if it is not set. */
    private @Nullable Integer candidates;

    /** Seed of the first candidate, 0 if it is not set. Those of the others follow it. */
    private @Nullable Long seed;

    /** Seeds of all candidates, in place of their number. */
    private @Nullable List<Long> seeds;

    /** Whether every call has other seeds. */
    private @Nullable Boolean randomSeeds;

    /**
     * Fraction of the steps after which candidates are dropped, above 0 and at most 1. 0.2 if it is
     * not set.
     */
    private @Nullable Double decisionFraction;

    /** Denoising steps. Those of the bundle if it is not set. */
    private @Nullable Integer steps;

    /** Guidance scale, at least 0. That of the bundle if it is not set. */
    private @Nullable Double guidanceScale;

    /** Width of the images in pixels. That of the bundle if it is not set. */
    private @Nullable Integer width;

    /** Height of the images in pixels. That of the bundle if it is not set. */
    private @Nullable Integer height;

    /** What the images should not show. */
    private @Nullable String negativePrompt;

    /** How long a call may take, waiting for its turn included. Unlimited if it is not set. */
    private @Nullable Duration timeout;

    /** Whether a response holds a preview of every candidate. */
    private @Nullable Boolean previews;

    /** Whether an image is bit-identical whatever other candidates run. */
    private @Nullable Boolean reproducible;

    /** Maximum number of candidates in one denoiser call. */
    private @Nullable Integer microBatchSize;

    /** Form of the images. "b64_json" is the only one. */
    private @Nullable String responseFormat;

    @NestedConfigurationProperty private final BudgetOptions budget = new BudgetOptions();

    /** Creates options that are not set. */
    public Options() {}

    /** The name of the bundle. */
    public @Nullable String getModel() {
      return model;
    }

    /** Sets the name of the bundle. */
    public void setModel(@Nullable String model) {
      this.model = model;
    }

    /** The number of images of a response, 1 if it is not set. */
    public @Nullable Integer getN() {
      return n;
    }

    /** Sets the number of images of a response, 1 if it is not set. */
    public void setN(@Nullable Integer n) {
      this.n = n;
    }

    /** The same as "n", by its name in ProbeSelect. */
    public @Nullable Integer getKeep() {
      return keep;
    }

    /** Sets the same as "n", by its name in ProbeSelect. */
    public void setKeep(@Nullable Integer keep) {
      this.keep = keep;
    }

    /** The number of candidates that are started. */
    public @Nullable Integer getCandidates() {
      return candidates;
    }

    /** Sets the number of candidates that are started. */
    public void setCandidates(@Nullable Integer candidates) {
      this.candidates = candidates;
    }

    /** The seed of the first candidate, 0 if it is not set. */
    public @Nullable Long getSeed() {
      return seed;
    }

    /** Sets the seed of the first candidate, 0 if it is not set. */
    public void setSeed(@Nullable Long seed) {
      this.seed = seed;
    }

    /** The seeds of all candidates, in place of their number. */
    public @Nullable List<Long> getSeeds() {
      return seeds;
    }

    /** Sets the seeds of all candidates, in place of their number. */
    public void setSeeds(@Nullable List<Long> seeds) {
      this.seeds = seeds;
    }

    /** Whether every call has other seeds. */
    public @Nullable Boolean getRandomSeeds() {
      return randomSeeds;
    }

    /** Sets whether every call has other seeds. */
    public void setRandomSeeds(@Nullable Boolean randomSeeds) {
      this.randomSeeds = randomSeeds;
    }

    /** The fraction of the steps after which candidates are dropped, above 0 and at most 1. */
    public @Nullable Double getDecisionFraction() {
      return decisionFraction;
    }

    /** Sets the fraction of the steps after which candidates are dropped, above 0 and at most 1. */
    public void setDecisionFraction(@Nullable Double decisionFraction) {
      this.decisionFraction = decisionFraction;
    }

    /** The denoising steps. */
    public @Nullable Integer getSteps() {
      return steps;
    }

    /** Sets the denoising steps. */
    public void setSteps(@Nullable Integer steps) {
      this.steps = steps;
    }

    /** The guidance scale, at least 0. */
    public @Nullable Double getGuidanceScale() {
      return guidanceScale;
    }

    /** Sets the guidance scale, at least 0. */
    public void setGuidanceScale(@Nullable Double guidanceScale) {
      this.guidanceScale = guidanceScale;
    }

    /** The width of the images in pixels. */
    public @Nullable Integer getWidth() {
      return width;
    }

    /** Sets the width of the images in pixels. */
    public void setWidth(@Nullable Integer width) {
      this.width = width;
    }

    /** The height of the images in pixels. */
    public @Nullable Integer getHeight() {
      return height;
    }

    /** Sets the height of the images in pixels. */
    public void setHeight(@Nullable Integer height) {
      this.height = height;
    }

    /** What the images should not show. */
    public @Nullable String getNegativePrompt() {
      return negativePrompt;
    }

    /** Sets what the images should not show. */
    public void setNegativePrompt(@Nullable String negativePrompt) {
      this.negativePrompt = negativePrompt;
    }

    /** How long a call may take, waiting for its turn included. */
    public @Nullable Duration getTimeout() {
      return timeout;
    }

    /** Sets how long a call may take, waiting for its turn included. */
    public void setTimeout(@Nullable Duration timeout) {
      this.timeout = timeout;
    }

    /** Whether a response holds a preview of every candidate. */
    public @Nullable Boolean getPreviews() {
      return previews;
    }

    /** Sets whether a response holds a preview of every candidate. */
    public void setPreviews(@Nullable Boolean previews) {
      this.previews = previews;
    }

    /** Whether an image is bit-identical whatever other candidates run. */
    public @Nullable Boolean getReproducible() {
      return reproducible;
    }

    /** Sets whether an image is bit-identical whatever other candidates run. */
    public void setReproducible(@Nullable Boolean reproducible) {
      this.reproducible = reproducible;
    }

    /** The maximum number of candidates in one denoiser call. */
    public @Nullable Integer getMicroBatchSize() {
      return microBatchSize;
    }

    /** Sets the maximum number of candidates in one denoiser call. */
    public void setMicroBatchSize(@Nullable Integer microBatchSize) {
      this.microBatchSize = microBatchSize;
    }

    /** The form of the images. */
    public @Nullable String getResponseFormat() {
      return responseFormat;
    }

    /** Sets the form of the images. */
    public void setResponseFormat(@Nullable String responseFormat) {
      this.responseFormat = responseFormat;
    }

    /** What a call may cost, in place of the number of candidates. */
    public BudgetOptions getBudget() {
      return budget;
    }

    /**
     * The options as a model takes them.
     *
     * @throws InvalidRequestException if n and keep differ, or the budget has two units
     */
    public ProbeSelectImageOptions toOptions() {
      if (n != null && keep != null && !n.equals(keep)) {
        throw new InvalidRequestException(
            "n = " + n + " and keep = " + keep + " are the same option; give one of them");
      }
      return ProbeSelectImageOptions.builder()
          .n(n != null ? n : keep)
          .budget(budget.toBudget().orElse(null))
          .model(model)
          .candidates(candidates)
          .seed(seed)
          .seeds(seeds)
          .randomSeeds(randomSeeds)
          .decisionFraction(decisionFraction)
          .steps(steps)
          .guidanceScale(guidanceScale)
          .width(width)
          .height(height)
          .negativePrompt(negativePrompt)
          .timeout(timeout)
          .previews(previews)
          .reproducible(reproducible)
          .microBatchSize(microBatchSize)
          .responseFormat(responseFormat)
          .build();
    }
  }

  /** What a call may cost, in one of three units. The bundle needs a calibration. */
  public static class BudgetOptions {

    /** Cost of a call in full runs, each from noise to a finished and scored image. */
    private @Nullable Double fullRuns;

    /** Cost of a call in seconds. */
    private @Nullable Double seconds;

    /** Cost of a call in denoiser evaluations. */
    private @Nullable Double evaluations;

    /** Creates a budget that is not set. */
    public BudgetOptions() {}

    /** The budget in full runs. */
    public @Nullable Double getFullRuns() {
      return fullRuns;
    }

    /** Sets the budget in full runs. */
    public void setFullRuns(@Nullable Double fullRuns) {
      this.fullRuns = fullRuns;
    }

    /** The budget in seconds. */
    public @Nullable Double getSeconds() {
      return seconds;
    }

    /** Sets the budget in seconds. */
    public void setSeconds(@Nullable Double seconds) {
      this.seconds = seconds;
    }

    /** The budget in denoiser evaluations. */
    public @Nullable Double getEvaluations() {
      return evaluations;
    }

    /** Sets the budget in denoiser evaluations. */
    public void setEvaluations(@Nullable Double evaluations) {
      this.evaluations = evaluations;
    }

    private Optional<Budget> toBudget() {
      if (Stream.of(fullRuns, seconds, evaluations).filter(Objects::nonNull).count() > 1) {
        throw new InvalidRequestException(
            "the budget has several units; give one of full-runs, seconds and evaluations");
      }
      return Optional.ofNullable(fullRuns)
          .map(Budget::fullRuns)
          .or(() -> Optional.ofNullable(seconds).map(Budget::seconds))
          .or(() -> Optional.ofNullable(evaluations).map(Budget::evaluations));
    }
  }
}
